import type { EdgeDecision } from './authorize.ts';

/** What a Lambda authorizer answers. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
export interface AuthorizerAnswer {
  /** For the access log. */
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [{ readonly Effect: 'Allow' | 'Deny'; readonly Action: 'execute-api:Invoke'; readonly Resource: string }];
  };
  /** For the access log, and the services. */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * The answer for a token that is valid. It is about all of the stage's routes, as the decision is.
 *
 * @param methodArn of the request, e.g. `arn:aws:execute-api:eu-central-1:123456789012:abcde12345/prod/GET/metrics`
 */
export const authorizerAnswer = (decision: Exclude<EdgeDecision, { kind: 'unauthorized' }>, methodArn: string): AuthorizerAnswer => ({
  principalId: jsonEscaped(decision.requester.name),
  policyDocument: {
    Version: '2012-10-17',
    Statement: [
      { Effect: decision.kind === 'allowed' ? 'Allow' : 'Deny', Action: 'execute-api:Invoke', Resource: `${stageArnOf(methodArn)}/*` },
    ],
  },
  context: decision.kind === 'allowed' ? { rule: decision.rule } : {},
});

/** API Gateway writes it into a line of JSON as it is, and an issuer may name a subject with quotes. */
const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const stageArnOf = (methodArn: string): string => methodArn.split('/').slice(0, 2).join('/');
