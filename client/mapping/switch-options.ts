/** How {@link MeshClient.pause} and {@link MeshClient.resume} wait. */
export interface SwitchOptions {
  /** Ends the wait for a change of the mapping that is under way. */
  readonly signal?: AbortSignal | undefined;
}
