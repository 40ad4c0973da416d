import type { EventContent } from '../lambda/event-rules.ts';
import { type Place, parameterArn } from '../template/resource-types.ts';
import type { ParameterChange } from './parameters.ts';

/**
 * The event that SSM sends to EventBridge after a change of a parameter.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
 */
export function parameterEvent({ operation, name, type }: ParameterChange, place: Place): EventContent {
  return {
    source: 'aws.ssm',
    detailType: 'Parameter Store Change',
    resources: [parameterArn(name, place)],
    detail: { operation, name, type },
  };
}
