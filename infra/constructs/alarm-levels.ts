/** An alarm goes off when its measure exceeds the level. A severity without a level has no alarm. */
export interface AlarmLevels {
  readonly warning?: number | undefined;
  readonly critical?: number | undefined;
}

/** The levels of an agent's alarms. */
export interface AgentAlarmLevels {
  /** Messages in the dead-letter queue. @default critical 0 */
  readonly deadLetterDepth: AlarmLevels;
  /** Messages in the error queue. @default warning 0 */
  readonly errorDepth: AlarmLevels;
  /** Age of the oldest message in the inbox. @default warning 300, critical 3600 */
  readonly oldestMessageAgeSeconds: AlarmLevels;
  /** Messages in the inbox. @default warning 10000, critical 100000 */
  readonly inboxDepth: AlarmLevels;
}

export const DEFAULT_ALARM_LEVELS: AgentAlarmLevels = {
  deadLetterDepth: { critical: 0 },
  errorDepth: { warning: 0 },
  oldestMessageAgeSeconds: { warning: 300, critical: 3_600 },
  inboxDepth: { warning: 10_000, critical: 100_000 },
};
