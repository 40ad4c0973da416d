/**
 * An error that the caller can mend: the message says what is wrong, `remedy` what to do about it. Errors of the network and of AWS
 * are not wrapped: they reach the caller as the AWS SDK throws them.
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

/** The mesh has no agents at all: nothing is deployed there, or it is another mesh than the one that was meant. */
export class NoAgentsError extends MeshClientError {
  readonly code = 'NoAgents';
}

/** The mesh has agents, but none with this id. */
export class UnknownAgentError extends MeshClientError {
  readonly code = 'UnknownAgent';
}

/** The replies queue, or the queue of an agent that is listed, is not in this region. */
export class MissingQueueError extends MeshClientError {
  readonly code = 'MissingQueue';
}

/** The event is not one that an agent would take. The message names the field, the kind of its value and what it must be. */
export class InvalidEventError extends MeshClientError {
  readonly code = 'InvalidEvent';
}

/** SQS refused the message, or did not take it after several requests. */
export class NotSentError extends MeshClientError {
  readonly code = 'NotSent';
}

/** Content is not there, has changed, or is not the mesh's own. */
export class ContentUnavailableError extends MeshClientError {
  readonly code = 'ContentUnavailable';
}

/** A failed message cannot go back into its inbox, now or later. */
export class NotRedrivableError extends MeshClientError {
  readonly code = 'NotRedrivable';
}
