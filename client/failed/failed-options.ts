/** How {@link MeshClient.failed} reads a queue. */
export interface FailedOptions {
  /** Messages looked at before the iteration ends. @default no limit */
  readonly max?: number | undefined;
  /** How long messages stay hidden if this process dies before it gives them back. @default 30 */
  readonly hiddenSeconds?: number | undefined;
  /** Ends the iteration when it aborts. */
  readonly signal?: AbortSignal | undefined;
}
