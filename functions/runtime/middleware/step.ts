import type { MiddlewareObj } from '@middy/core';
import type { Delivery, Disposition } from '../delivery.ts';

/** A step of the pipeline: a middy middleware over one message's delivery. */
export type Step = MiddlewareObj<Delivery, Disposition>;
