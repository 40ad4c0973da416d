/** The longest that a message of an agent should wait, in seconds, where its definition says nothing. */
export const DEFAULT_LATENCY_GOAL_SECONDS = 30;
