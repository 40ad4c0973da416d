import { z } from 'zod';
import { UnsupportedTemplateError } from '../errors.ts';
import {
  PARAMETER_TIERS,
  PARAMETER_TYPES,
  type ParameterType,
  type RequestedTier,
  refusedName,
  refusedValue,
  tierOf,
} from '../services/parameter-limits.ts';
import type { PlannedResource } from './planned-resource.ts';

const propertiesSchema = z.object({
  Type: z.enum(PARAMETER_TYPES),
  Value: z.coerce.string(),
  Tier: z.enum(PARAMETER_TIERS).optional(),
  Description: z.string().optional(),
});

/** A parameter of a template. */
export interface DeployedParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly tier: RequestedTier | undefined;
  readonly description: string | undefined;
}

/** @throws UnsupportedTemplateError for a parameter that a deployment to AWS would refuse */
export function deployedParameter({ stackName, logicalId, physicalName: name, properties }: PlannedResource): DeployedParameter {
  const parsed = propertiesSchema.safeParse(properties);
  if (!parsed.success) throw new UnsupportedTemplateError(`${stackName}/${logicalId}: ${z.prettifyError(parsed.error)}`);
  const { Type, Value, Tier, Description } = parsed.data;
  const refusal = refusedName(name) ?? refusedValue(Value, tierOf(Value, Tier));
  if (refusal !== undefined) throw new UnsupportedTemplateError(`${stackName}/${logicalId}: ${refusal.message}`);
  return { name, type: Type, value: Value, tier: Tier, description: Description };
}

export function isParameter({ type }: PlannedResource): boolean {
  return type === 'AWS::SSM::Parameter';
}
