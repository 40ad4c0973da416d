/** A request to a worker. Event and response are JSON text, as between Lambda and its runtime. */
export interface Invocation {
  readonly requestId: string;
  readonly event: string;
  readonly deadlineEpochMs: number;
  readonly functionArn: string;
}

/** An error of the function's code. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stack: string;
}

/** A message from a worker. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | ({ readonly type: 'init-error' } & Failure)
  | { readonly type: 'result'; readonly requestId: string; readonly response: string }
  | ({ readonly type: 'error'; readonly requestId: string } & Failure);
