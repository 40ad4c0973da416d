import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { audienceOf, EDGE_ID, meshPrefix } from '../../../events/names.ts';
import { DynamoDbRegistry } from '../../runtime/aws/dynamodb-registry.ts';
import { REQUEST_LIMITS } from '../../runtime/aws/request-limits.ts';
import { serviceLogger } from '../../runtime/aws/service-logger.ts';
import { systemClock as clock } from '../../runtime/aws/system.ts';
import { AccessCache } from '../../runtime/trust/access-cache.ts';
import { verifySignature } from '../../runtime/trust/verify-signature.ts';
import { TokenVerifier } from '../../runtime/trust/verify-token.ts';
import { meshEnvironmentSchema, meshOf } from '../mesh-environment.ts';
import { type AuthorizerRuntime, authorize } from './authorize.ts';
import { type AuthorizerAnswer, authorizerAnswer } from './authorizer-answer.ts';

const environment = z.parse(meshEnvironmentSchema, process.env);
const mesh = meshOf(environment);
const logger = serviceLogger('authorizer');

/** A client waits for the answer: a read that takes longer than usual is asked for once more, and then the answer is 503. */
const REGISTRY_LIMITS = { maxAttempts: 2, requestHandler: { ...REQUEST_LIMITS, requestTimeout: 2_000 } };
const registry = new DynamoDbRegistry(new DynamoDBClient(REGISTRY_LIMITS), environment.POSTHORN_REGISTRY_TABLE);

const runtime: AuthorizerRuntime = {
  access: new AccessCache(EDGE_ID, { registry, clock, logger }),
  verifier: new TokenVerifier({ clock, fetch: (url, init) => fetch(url, init), verifySignature }),
  clock,
  audience: audienceOf(meshPrefix(mesh), EDGE_ID),
};

const eventSchema = z.object({ authorizationToken: z.string(), methodArn: z.string() });

/**
 * Authorizes a request to the mesh's REST API by its token.
 *
 * @throws Error `Unauthorized`, which API Gateway answers with 401; any other with 503, as the mesh has set it
 */
export async function handler(event: unknown): Promise<AuthorizerAnswer> {
  const { authorizationToken, methodArn } = z.parse(eventSchema, event);
  const decision = await authorize(authorizationToken, runtime).catch((error: unknown) => {
    logger.error('nothing can be decided about a request: it is answered with 503', { error });
    throw new Error('the registry or the keys of an issuer cannot be read now', { cause: error });
  });
  if (decision.kind !== 'allowed') {
    const { code, message: reason } = decision.refusal;
    logger.warn('a request is refused', { code, reason });
  }
  if (decision.kind === 'unauthorized') throw new Error('Unauthorized');
  return authorizerAnswer(decision, methodArn);
}
