import { z } from 'zod';
import { UnsupportedTemplateError } from '../errors.ts';
import { API_AUTHORIZER } from './api-types.ts';
import type { ApiAuthorizer } from './deployed-api.ts';
import { type FoundResource, placeOf } from './find-resources.ts';
import type { IgnoredParts } from './ignored.ts';
import { invokedFunction } from './invoked-function.ts';
import type { PlannedFunctions } from './planned-functions.ts';
import type { PlannedResource } from './planned-resource.ts';

const authorizerSchema = z.object({
  Name: z.string().default(''),
  Type: z.string(),
  AuthorizerUri: z.string().default(''),
  IdentitySource: z.string().default('method.request.header.Authorization'),
  IdentityValidationExpression: z.string().optional(),
  // CloudFormation also accepts numbers as strings.
  AuthorizerResultTtlInSeconds: z.coerce.number().default(300),
});

const HEADER = /^method\.request\.header\.([\w-]+)$/;

interface AuthorizerPlan {
  readonly ignored: IgnoredParts;
  readonly functions: PlannedFunctions;
}

/**
 * The authorizers of an API by their ids. Those that are no functions, and those that decide by more than one header, are left out and
 * added to what is ignored; so are the methods that have them.
 *
 * @throws UnsupportedTemplateError if a function is not in the app or cannot run here
 */
export function planAuthorizers(
  parts: readonly { readonly found: FoundResource; readonly planned: PlannedResource }[],
  { ignored, functions }: AuthorizerPlan,
): ReadonlyMap<string, ApiAuthorizer> {
  const planned = parts.flatMap(({ found, planned: { physicalName: id, properties } }) => {
    const { Name, Type, AuthorizerUri, IdentitySource, IdentityValidationExpression, AuthorizerResultTtlInSeconds } =
      authorizerSchema.parse(properties);
    const arn = invokedFunction(AuthorizerUri);
    const header = HEADER.exec(IdentitySource)?.[1]?.toLowerCase();
    if (Type !== 'TOKEN' || arn === undefined || header === undefined) {
      ignored.add(API_AUTHORIZER);
      return [];
    }
    const target = functions.find(arn);
    if (target === undefined) throw new UnsupportedTemplateError(`${placeOf(found)} invokes ${arn}, which is not in the app`);
    const authorizer: ApiAuthorizer = {
      ...{ id, name: Name || id, header, ttlSeconds: AuthorizerResultTtlInSeconds, function: functions.run(target) },
      ...(IdentityValidationExpression && { form: formOf(IdentityValidationExpression, found) }),
    };
    return [[id, authorizer] as const];
  });
  return new Map(planned);
}

function formOf(expression: string, found: FoundResource): RegExp {
  try {
    return new RegExp(expression);
  } catch (cause) {
    throw new UnsupportedTemplateError(`${placeOf(found)}: IdentityValidationExpression is no regular expression of JavaScript`, { cause });
  }
}
