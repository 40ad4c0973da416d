/** What a producer knows of one agent. */
export interface TargetState {
  readonly agent: string;
  /** Messages each second that it may send; `undefined` where nothing holds it back. */
  readonly ratePerSecond: number | undefined;
  /** The expected wait of a message sent now, divided by the agent's goal, or by that of the slowest agent further down. */
  readonly pressure: number;
  /** Whether messages wait because the agent, or one further down, can handle no more. */
  readonly isBraked: boolean;
}
