import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmName, type MeshName } from '../../events/names.ts';
import { type AgentAlarmLevels, type AlarmLevels, DEFAULT_ALARM_LEVELS } from './alarm-levels.ts';
import { seeRunbook } from './see-runbook.ts';

export interface AgentAlarmsProps {
  readonly mesh: MeshName;
  readonly agentId: string;
  readonly inbox: IQueue;
  readonly errorQueue: IQueue;
  readonly deadLetterQueue: IQueue;
  /** The topic that gets each alarm's beginning and end. */
  readonly topic: ITopic;
  /** @default the defaults of each level */
  readonly levels?: Partial<AgentAlarmLevels>;
}

const PERIOD = { period: Duration.minutes(1), statistic: 'Maximum' };

/** An agent's alarms: on failures at once, on its backlog when it lasts. */
export class AgentAlarms extends Construct {
  readonly #props: AgentAlarmsProps;

  constructor(scope: Construct, id: string, props: AgentAlarmsProps) {
    super(scope, id);
    this.#props = props;
    const { inbox, errorQueue, deadLetterQueue } = props;
    const levels = { ...DEFAULT_ALARM_LEVELS, ...props.levels };
    this.#add('dlq-depth', levels.deadLetterDepth, deadLetterQueue.metricApproximateNumberOfMessagesVisible(PERIOD), 1);
    this.#add('errors-depth', levels.errorDepth, errorQueue.metricApproximateNumberOfMessagesVisible(PERIOD), 1);
    this.#add('inbox-age', levels.oldestMessageAgeSeconds, inbox.metricApproximateAgeOfOldestMessage(PERIOD), 3);
    this.#add('inbox-depth', levels.inboxDepth, inbox.metricApproximateNumberOfMessagesVisible(PERIOD), 3);
  }

  #add(measure: string, levels: AlarmLevels, metric: IMetric, evaluationPeriods: number): void {
    const { mesh, agentId, topic } = this.#props;
    for (const [severity, threshold] of Object.entries(levels)) {
      if (threshold === undefined) continue;
      const alarm = new Alarm(this, `${measure}-${severity}`, {
        alarmName: alarmName(mesh, agentId, measure, severity),
        alarmDescription: `${severity}: ${measure} of agent ${agentId} is above ${threshold}. ${seeRunbook(measure)}`,
        metric,
        threshold,
        evaluationPeriods,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        // An idle queue reports no data.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      // An alarm on a depth above 0 reports the first message only. Its end reports that the queue is empty again.
      alarm.addOkAction(new SnsAction(topic));
    }
  }
}
