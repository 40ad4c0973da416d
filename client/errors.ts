/**
 * An error that the caller can fix. The message names the problem, `remedy` the fix. Errors of the network and of AWS are not wrapped:
 * the caller gets them as the AWS SDK throws them.
 */
export abstract class MeshClientError extends Error {
  /** Stable, e.g. `UnknownAgent`. */
  abstract readonly code: string;
  readonly remedy: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly remedy?: string | undefined }) {
    super(message, options);
    this.name = new.target.name;
    this.remedy = options?.remedy;
  }
}

/** The mesh has no agents: nothing is deployed, or the options name the wrong mesh. */
export class NoAgentsError extends MeshClientError {
  readonly code = 'NoAgents';
}

/** The mesh has agents, but none has this id. */
export class UnknownAgentError extends MeshClientError {
  readonly code = 'UnknownAgent';
}

/** A question about agents is not valid. The message names the capability, the range of versions or the number that is wrong. */
export class InvalidQueryError extends MeshClientError {
  readonly code = 'InvalidQuery';
}

/** No agent of this id offers the capability. */
export class NotOfferedError extends MeshClientError {
  readonly code = 'NotOffered';
}

/** A rollout cannot begin or change: one is under way, or none is, or its agent cannot have more journeys now. */
export class RolloutError extends MeshClientError {
  readonly code = 'Rollout';
}

/** An agent has registered no card. */
export class NoCardError extends MeshClientError {
  readonly code = 'NoCard';
}

/** This region has no replies queue, or no queue of an agent that is listed. */
export class MissingQueueError extends MeshClientError {
  readonly code = 'MissingQueue';
}

/** This region has no such table of the mesh: the mesh is not there, or of an older version. */
export class MissingTableError extends MeshClientError {
  readonly code = 'MissingTable';
}

/** An agent would reject the event. The message names the field, the kind of its value and what it must be. */
export class InvalidEventError extends MeshClientError {
  readonly code = 'InvalidEvent';
}

/** This client may not read the mesh's registry, or the registry did not apply a registration in time. */
export class RegistryError extends MeshClientError {
  readonly code = 'Registry';
}

/** An agent has no event source mapping that could be switched: its stack was not deployed completely. */
export class NoMappingError extends MeshClientError {
  readonly code = 'NoMapping';
}

/** IAM denies this client an action. The message names it, and what it is for. */
export class AccessDeniedError extends MeshClientError {
  readonly code = 'AccessDenied';
}

/** AWS issued no token for an agent that requires one. `remedy` has the command that lets the account issue tokens. */
export class NoTokenError extends MeshClientError {
  readonly code = 'NoToken';
}

/** A producer has no room for the message now, because its target is slower than what is sent. */
export class BackpressureError extends MeshClientError {
  readonly code = 'Backpressure';
  /** After so long it has room, as far as it knows. */
  readonly retryAfterMs: number;
  /** That of the producer, 0 to 1. */
  readonly load: number;

  constructor(
    message: string,
    { retryAfterMs, load, remedy }: { readonly retryAfterMs: number; readonly load: number; readonly remedy: string },
  ) {
    super(message, { remedy });
    this.retryAfterMs = retryAfterMs;
    this.load = load;
  }
}

/** An option of a producer is out of its range. The message names it. */
export class InvalidOptionsError extends MeshClientError {
  readonly code = 'InvalidOptions';
}

/** What an agent can handle cannot be read. `cause` says why. */
export class LoadUnreadableError extends MeshClientError {
  readonly code = 'LoadUnreadable';
}

/** The producer was closed before, or before the message was sent. */
export class ProducerClosedError extends MeshClientError {
  readonly code = 'ProducerClosed';
}

/** SQS refused the message, or did not accept it after several requests. */
export class NotSentError extends MeshClientError {
  readonly code = 'NotSent';
}

/** Content is gone, has changed, or is not in the mesh's content bucket. */
export class ContentUnavailableError extends MeshClientError {
  readonly code = 'ContentUnavailable';
}

/** A failed message cannot be put back into its inbox. */
export class NotRedrivableError extends MeshClientError {
  readonly code = 'NotRedrivable';
}
