import { z } from 'zod';
import type { DeployedRule, RuleTarget } from './deployed.ts';
import { parseEventPattern } from './event-pattern.ts';
import { type FoundResource, planResource } from './find-resources.ts';
import type { IgnoredParts } from './ignored.ts';
import type { PlannedFunctions } from './planned-functions.ts';
import type { PlannedResource } from './planned-resource.ts';
import { EVENT_RULE } from './resource-types.ts';
import type { StackScopes } from './stack-scope.ts';

const targetSchema = z.looseObject({ Id: z.string(), Arn: z.string(), Input: z.string().optional() });
const ruleSchema = z.object({
  EventBusName: z.string().default('default'),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.string().default('ENABLED'),
  Targets: z.array(targetSchema).default([]),
});

const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const SUPPORTED_TARGET_PROPERTIES: readonly string[] = ['Id', 'Arn', 'Input'];
/** They would change the event that the function gets, so a target that has one is ignored. */
const INPUT_PROPERTIES: readonly string[] = ['InputPath', 'InputTransformer'];

export interface RulePlan {
  readonly scopes: StackScopes;
  readonly ignored: IgnoredParts;
  readonly functions: PlannedFunctions;
}

/** A rule that has an effect here. */
export interface PlannedRule {
  readonly resource: PlannedResource;
  /** Absent if it is disabled. */
  readonly deployed?: DeployedRule;
}

/**
 * @returns `undefined` for a rule that cannot invoke a function of the app; it is added to what is ignored
 * @throws UnsupportedTemplateError if its function cannot run here
 */
export function planRule(found: FoundResource, { scopes, ignored, functions }: RulePlan): PlannedRule | undefined {
  const resource = planResource(found, scopes);
  const rule = ruleSchema.parse(resource.properties);
  const pattern = rule.EventPattern === undefined ? undefined : parseEventPattern(rule.EventPattern);
  const everyMs = rule.ScheduleExpression === undefined ? undefined : parseRate(rule.ScheduleExpression);
  const usable = rule.Targets.filter((target) => INPUT_PROPERTIES.every((property) => !(property in target)));
  const targets = usable.map((target) => ({ ...target, found: functions.find(target.Arn) })).filter(hasFunction);
  if (rule.EventBusName !== 'default' || (pattern === undefined && everyMs === undefined) || targets.length === 0) {
    ignored.add(EVENT_RULE);
    return undefined;
  }
  if (rule.EventPattern !== undefined && pattern === undefined) ignored.add(EVENT_RULE, 'EventPattern');
  if (rule.ScheduleExpression !== undefined && everyMs === undefined) ignored.add(EVENT_RULE, 'ScheduleExpression');
  if (targets.length < rule.Targets.length) ignored.add(EVENT_RULE, 'Targets');
  for (const property of targets.flatMap(({ found: _, ...target }) => Object.keys(target))) {
    if (!SUPPORTED_TARGET_PROPERTIES.includes(property)) ignored.add(EVENT_RULE, `Targets.${property}`);
  }
  for (const target of targets) functions.feed(target.found);
  if (rule.State === 'DISABLED') return { resource };
  const deployed: DeployedRule = {
    name: resource.physicalName,
    arn: resource.arn,
    ...(pattern !== undefined && { pattern }),
    ...(everyMs !== undefined && { everyMs }),
    targets: targets.map(
      ({ Id, Input, found: target }): RuleTarget => ({
        id: Id,
        function: functions.run(target),
        ...(Input !== undefined && { input: Input }),
      }),
    ),
  };
  return { resource, deployed };
}

/** @returns `undefined` for a `cron` expression, and for what AWS would refuse */
function parseRate(expression: string): number | undefined {
  const [, count, unit = ''] = RATE.exec(expression) ?? [];
  const everyMs = Number(count) * (UNIT_MS[unit] ?? 0);
  return everyMs > 0 ? everyMs : undefined;
}

function hasFunction<Target extends { readonly found: FoundResource | undefined }>(
  target: Target,
): target is Target & { readonly found: FoundResource } {
  return target.found !== undefined;
}
