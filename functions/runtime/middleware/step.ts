import type { MiddlewareObj } from '@middy/core';
import type { Disposition, Passage } from '../passage.ts';

/** A step of the pipeline: a middy middleware over one message's passage. */
export type Step = MiddlewareObj<Passage, Disposition>;
