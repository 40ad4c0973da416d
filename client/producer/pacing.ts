/** How fast the messages of a lane go. */
export interface Pacing {
  /** Messages each second; `undefined` before the first reading. */
  readonly ratePerSecond: number | undefined;
  /** The expected wait of a message sent now, divided by the agent's goal; that of the slowest agent further down if it is more. */
  readonly pressure: number;
  /** Resolves when it knows how fast. @throws LoadUnreadableError */
  ready(): Promise<void>;
  /** Lets so many through, or as many as it ever lets through at once. @returns how many: 0 while it may not */
  take(wanted: number): number;
  /** Milliseconds until {@link take} lets so many through. */
  untilMs(wanted: number): number;
  /** Milliseconds until so many have been let through, one after the other. */
  untilPassedMs(count: number): number;
  /** Ends its timers. */
  close(): void;
}
