import { extname, join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { ResponseType, type RestApi, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AUTHORIZER_SERVICE, audienceOf, EDGE_ID, type MeshName, meshPrefix } from '../../events/names.ts';
import { MeshFunction } from './mesh-function.ts';

/** The entry of the service's function. */
const ENTRY = join(import.meta.dirname, `../../functions/services/authorizer/handler${extname(import.meta.filename)}`);

/** What has another form is answered with 401 by API Gateway itself. */
const BEARER_TOKEN = String.raw`^[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`;

export interface EdgeAuthorizerProps {
  readonly mesh: MeshName;
  readonly registry: Pick<ITable, 'tableArn' | 'tableName'>;
  /** Keeps the log group when its stack is deleted. */
  readonly retainState: boolean;
}

/**
 * Authorizes requests to the mesh's REST API by the token in their header `Authorization`. Its role may read access records, and log.
 *
 * @see docs/adr/0021-tokens-at-the-edge.md
 */
export class EdgeAuthorizer extends Construct {
  readonly authorizer: TokenAuthorizer;
  readonly #audience: string;

  constructor(scope: Construct, id: string, { mesh, registry, retainState }: EdgeAuthorizerProps) {
    super(scope, id);
    this.#audience = audienceOf(meshPrefix(mesh), EDGE_ID);
    const { lambda, role } = new MeshFunction(this, 'Service', {
      mesh,
      functionId: AUTHORIZER_SERVICE,
      description: 'Verifies the tokens of requests to the REST API, and decides who may read',
      entry: ENTRY,
      timeoutSeconds: 10,
      memoryMb: 512,
      environment: { POSTHORN_PREFIX: mesh.prefix, POSTHORN_STAGE: mesh.stage, POSTHORN_REGISTRY_TABLE: registry.tableName },
      retainState,
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ReadAccess',
        actions: ['dynamodb:GetItem'],
        resources: [registry.tableArn],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['access'] } },
      }),
    );
    this.authorizer = new TokenAuthorizer(this, 'Token', {
      handler: lambda,
      validationRegex: BEARER_TOKEN,
      // A kept answer would outlive the token, and a change of the policy.
      resultsCacheTtl: Duration.seconds(0),
    });
  }

  /** Sets the API's own answers to requests that are not let in: problems (RFC 9457), with the challenge of RFC 6750. */
  addResponses(api: RestApi): void {
    const { Unauthorized, AccessDenied, ...failures } = RESPONSES;
    const challenge = `Bearer realm="${this.#audience}"`;
    const add = (name: string, { type, ...problem }: ProblemResponse, headers: Readonly<Record<string, string>>) =>
      api.addGatewayResponse(name, {
        type,
        statusCode: String(problem.status),
        responseHeaders: {
          'Content-Type': "'application/problem+json'",
          'Cache-Control': "'no-store'",
          ...Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, `'${value}'`])),
        },
        templates: { 'application/json': JSON.stringify(this.#body(problem)) },
      });
    add('Unauthorized', Unauthorized, { 'WWW-Authenticate': challenge });
    add('AccessDenied', AccessDenied, { 'WWW-Authenticate': `${challenge}, error="insufficient_scope"` });
    for (const [name, response] of Object.entries(failures)) add(name, response, { 'Retry-After': String(RETRY_AFTER_SECONDS) });
  }

  /** The same text for every request: nothing of a token. */
  #body({ kind, detail, status, title }: Omit<ProblemResponse, 'type'>): object {
    return { type: `urn:posthorn:problem:${kind}`, status, title, detail: detail.replace('{audience}', this.#audience) };
  }
}

interface ProblemResponse {
  readonly type: ResponseType;
  readonly kind: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/** An issuer's keys are asked for again after so many seconds. */
const RETRY_AFTER_SECONDS = 30;

const UNDECIDED = {
  kind: 'undecided',
  status: 503,
  title: 'The token cannot be verified now',
  detail: 'the registry or the keys of the issuer cannot be read now, or the key is not published yet: try again later',
};

const RESPONSES: Readonly<Record<'Unauthorized' | 'AccessDenied' | 'AuthorizerFailure' | 'AuthorizerFault', ProblemResponse>> = {
  Unauthorized: {
    type: ResponseType.UNAUTHORIZED,
    kind: 'unauthorized',
    status: 401,
    title: 'The request has no valid token',
    detail:
      'send a token of a trusted issuer for the audience {audience} in the header Authorization: Bearer; the log of the authorizer has the reason',
  },
  AccessDenied: {
    type: ResponseType.ACCESS_DENIED,
    kind: 'forbidden',
    status: 403,
    title: 'The holder of the token may not read',
    detail: `no rule allows it: give the holder a role of the policy with the action 'read' at '${EDGE_ID}'`,
  },
  AuthorizerFailure: { type: ResponseType.AUTHORIZER_FAILURE, ...UNDECIDED },
  AuthorizerFault: { type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR, ...UNDECIDED },
};
