import { z } from 'zod';

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

// Strict: what a condition says is not evaluated here, and must not be left out either.
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
});

/** What a Lambda authorizer answers. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
export const authorizerAnswerSchema = z.object({
  principalId: z.string(),
  policyDocument: z.object({ Statement: z.union([statementSchema, z.array(statementSchema)]).transform((value) => [value].flat()) }),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
});

/** What a Lambda authorizer answers. */
export type AuthorizerAnswer = z.output<typeof authorizerAnswerSchema>;

/** What a policy says about a request: a statement that denies it wins. `unmentioned` requests are denied, too. */
export type Verdict = 'allowed' | 'denied' | 'unmentioned';

const INVOKE = 'execute-api:invoke';

/** @param methodArn of the request, e.g. `arn:aws:execute-api:us-east-1:000000000000:k3v9x2ab7q/prod/GET/metrics` */
export function verdictOf({ policyDocument: { Statement } }: Pick<AuthorizerAnswer, 'policyDocument'>, methodArn: string): Verdict {
  const fitting = Statement.filter(
    ({ Action, Resource }) =>
      Action.some((action) => matches(action.toLowerCase(), INVOKE)) && Resource.some((resource) => matches(resource, methodArn)),
  );
  if (fitting.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return fitting.length > 0 ? 'allowed' : 'unmentioned';
}

/** `*` means any characters, slashes too, and `?` one. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
