import { z } from 'zod';
import { UnsupportedTemplateError } from '../errors.ts';
import { REST_API } from './api-types.ts';
import type { Assembly, Stack } from './assembly.ts';
import type { IgnoredParts } from './ignored.ts';
import { holds, resolveIntrinsics } from './intrinsics.ts';
import type { PlannedResource } from './planned-resource.ts';
import { EVENT_SOURCE_MAPPING, RESOURCE_TYPES, SUPPORTED_MAPPING_PROPERTIES } from './resource-types.ts';
import type { StackScopes } from './stack-scope.ts';

/** A resource of a type that has an effect here, with the properties that have. They are not resolved. */
export interface FoundResource {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What the function of a rule or an API needs on AWS. Here they need none, so its absence would not be noticed. */
const PERMISSION = 'AWS::Lambda::Permission';

/** Finds the resources that their conditions leave in. Adds every other type and property to those that are ignored. */
export function findResources(assembly: Assembly, scopes: StackScopes, ignored: IgnoredParts): readonly FoundResource[] {
  const found: FoundResource[] = [];
  const invokers = new Set(['events.amazonaws.com', ...(hasRestApi(assembly) ? ['apigateway.amazonaws.com'] : [])]);
  for (const stack of assembly.stacks) {
    const scope = scopes.of(stack);
    for (const [logicalId, { Type: type, Condition, Properties }] of Object.entries(stack.template.Resources)) {
      if (Condition !== undefined && !holds({ Condition }, scope)) continue;
      if (type === PERMISSION && invokers.has(String(Properties.Principal))) continue;
      const honoured = type === EVENT_SOURCE_MAPPING ? SUPPORTED_MAPPING_PROPERTIES : RESOURCE_TYPES[type]?.honoured;
      if (honoured === undefined) {
        ignored.add(type);
        continue;
      }
      for (const name of Object.keys(Properties)) if (!honoured.includes(name)) ignored.add(type, name);
      const properties = Object.fromEntries(Object.entries(Properties).filter(([name]) => honoured.includes(name)));
      found.push({ stack, logicalId, type, properties });
    }
  }
  return found;
}

/** Names a resource in an error. */
export function placeOf({ stack, logicalId }: FoundResource): string {
  return `${stack.name}/${logicalId}`;
}

/** @throws UnsupportedTemplateError naming the resource */
export function planResource(found: FoundResource, scopes: StackScopes): PlannedResource {
  return { ...scopes.physical(found.stack, found.logicalId), properties: resolvedProperties(found, scopes) };
}

/** @throws UnsupportedTemplateError naming the resource */
export function resolvedProperties(found: FoundResource, scopes: StackScopes): Readonly<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(resolveIntrinsics(found.properties, scopes.of(found.stack)));
  } catch (cause) {
    throw new UnsupportedTemplateError(`${placeOf(found)}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function hasRestApi({ stacks }: Assembly): boolean {
  return stacks.some(({ template }) => Object.values(template.Resources).some(({ Type }) => Type === REST_API));
}
