import { Stack } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { alarmName, alertTopicName, type MeshName, SERVICE_PREFIX } from '../../events/names.ts';
import { seeRunbook } from './see-runbook.ts';

export interface ServiceAlarmProps
  extends Pick<AlarmProps, 'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'comparisonOperator' | 'treatMissingData'> {
  readonly mesh: MeshName;
  /** The id of the service's function. */
  readonly service: string;
  /** With the service it names the runbook. */
  readonly measure: string;
  readonly severity: string;
  /** What has happened, and its consequence: for the description. */
  readonly problem: string;
}

/** An alarm on a service of the mesh. By default it goes off above the threshold, and takes missing data for good. */
export class ServiceAlarm extends Alarm {
  constructor(scope: Construct, id: string, { mesh, service, measure, severity, problem, ...alarm }: ServiceAlarmProps) {
    const runbook = seeRunbook(`${service.slice(SERVICE_PREFIX.length)}-${measure}`);
    super(scope, id, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...alarm,
      alarmName: alarmName(mesh, service, measure, severity),
      alarmDescription: `${severity}: ${problem}. Its log says more. ${runbook}`,
    });
    // By name: the mesh adds its topic after its services.
    const topicArn = Stack.of(this).formatArn({ service: 'sns', resource: alertTopicName(mesh) });
    const action = new SnsAction(Topic.fromTopicArn(this, 'Alerts', topicArn));
    this.addAlarmAction(action);
    this.addOkAction(action);
  }
}
