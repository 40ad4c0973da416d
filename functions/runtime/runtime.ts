import type { Authentication } from '../../events/authentication.ts';
import type { CoalescedIo } from './batch/coalesce.ts';
import type { ContentAccess } from './content/content-access.ts';
import type { LazyFinder } from './discovery/lazy-finder.ts';
import type { MetricsRecorder } from './metrics/metrics-recorder.ts';
import type { Ports } from './ports.ts';
import type { Tracer } from './tracing/tracer.ts';
import type { AccessCache } from './trust/access-cache.ts';
import type { TokenVerifier } from './trust/verify-token.ts';

/** Where an agent's messages come from and go to, and how much of them is kept. */
export interface RuntimeSettings {
  readonly inboxUrl: string;
  readonly errorQueueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** The inbox's maxReceiveCount: after so many receives SQS moves a message to the dead-letter queue by itself. */
  readonly maxReceives: number;
  /** Share of the journeys that the index of journeys holds, 0 to 1. Failures are always in it. */
  readonly journeySampling: number;
  /** Share of the traces begun here whose spans are exported, 0 to 1. */
  readonly traceSampling: number;
  /** Whether the ledger also has an index by trace id. */
  readonly traceIndex: boolean;
  /** How senders are known: by the principal that SQS stamps on a message, by a token on top, or not at all. */
  readonly authentication: Authentication;
  /** What the mesh's physical names begin with, e.g. `posthorn-dev`: in the audience of tokens. */
  readonly meshPrefix: string;
}

/** What the steps of the pipeline work with, made once a process. */
export interface Runtime extends Ports {
  readonly settings: RuntimeSettings;
  readonly io: CoalescedIo;
  readonly contentAccess: ContentAccess;
  readonly access: AccessCache;
  readonly finder: LazyFinder;
  readonly verifier: TokenVerifier;
  readonly recorder: MetricsRecorder;
  /** Where spans are exported. */
  readonly tracer: Tracer | undefined;
}
