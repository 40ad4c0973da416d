import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AUDIT_MESSAGE } from '../../events/audit-line.ts';
import { type MeshName, meshPrefix } from '../../events/names.ts';

export interface LogQueriesProps {
  readonly mesh: MeshName;
}

const AUDIT_LINES = `filter message = '${AUDIT_MESSAGE}'`;

/** By logical id: the name in the console, and the commands. Their fields are those of the audit line. */
const QUERIES: Readonly<Record<string, readonly [name: string, ...commands: string[]]>> = {
  Message: [
    'a message by id',
    "filter messageId = 'ID' or sqsMessageId = 'ID'",
    'fields @timestamp, agent, level, message, outcome, failedAttempts, receiveCount, durationMs, code, reason',
    'sort @timestamp asc',
  ],
  Journey: [
    'a journey by correlation id',
    "filter correlationId = 'ID'",
    'fields @timestamp, agent, messageId, type, level, message, outcome, durationMs, code, reason',
    'sort @timestamp asc',
  ],
  Failures: [
    'failures by code',
    `${AUDIT_LINES} and outcome in ['rejected', 'dead-lettered', 'retry']`,
    'stats count(*) as deliveries, count_distinct(messageId) as messages, latest(reason) as lastReason by agent, outcome, code',
    'sort deliveries desc',
  ],
  Slowest: [
    'slowest deliveries',
    AUDIT_LINES,
    'fields @timestamp, agent, messageId, type, outcome, durationMs, receiveCount',
    'sort durationMs desc',
    'limit 100',
  ],
  Refused: [
    'refused senders',
    `${AUDIT_LINES} and outcome = 'rejected' and (code like /^Token/ or code in ['UnknownSender', 'Forbidden', 'SourceRefused', 'OnBehalfRefused'])`,
    'stats count(*) as deliveries, latest(reason) as lastReason by agent, senderId, source, type, code',
    'sort deliveries desc',
  ],
  Unknown: [
    'unknown errors',
    `${AUDIT_LINES} and kind = 'unknown'`,
    'stats count(*) as deliveries, count_distinct(messageId) as messages, latest(reason) as lastReason by agent, code',
    'sort deliveries desc',
  ],
};

/**
 * The mesh's saved queries of CloudWatch Logs Insights, in a folder of its name. They name no log group, because the groups of other apps'
 * agents are not known here, and the console takes no prefix out of a query: there you select the groups by prefix.
 *
 * @see docs/logs.md
 */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { mesh }: LogQueriesProps) {
    super(scope, id);
    for (const [logicalId, [name, ...commands]] of Object.entries(QUERIES)) {
      new CfnQueryDefinition(this, logicalId, { name: `${meshPrefix(mesh)}/${name}`, queryString: commands.join('\n| ') });
    }
  }
}
