import type { DeployedFunction } from './deployed.ts';

/** A REST API of API Gateway. */
export interface DeployedApi {
  /** e.g. `k3v9x2ab7q` */
  readonly id: string;
  readonly name: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** e.g. `image/*` */
  readonly binaryMediaTypes: readonly string[];
  readonly stages: readonly ApiStage[];
  readonly methods: readonly ApiMethod[];
  /** Answers of the API itself, in place of API Gateway's own. */
  readonly gatewayResponses: readonly GatewayResponse[];
}

export interface ApiStage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A method that a function answers by Lambda proxy integration. */
export interface ApiMethod {
  /** e.g. `GET` or `ANY` */
  readonly httpMethod: string;
  /** The resource's path, e.g. `/agents/{id}` or `/{proxy+}`. */
  readonly path: string;
  readonly resourceId: string;
  readonly authorization: 'NONE' | 'AWS_IAM' | 'CUSTOM';
  /** Of the authorization `CUSTOM`. */
  readonly authorizer?: ApiAuthorizer;
  readonly timeoutMs: number;
  readonly function: DeployedFunction;
}

/** A Lambda authorizer of the type TOKEN. The methods that have it share the object. */
export interface ApiAuthorizer {
  readonly id: string;
  readonly name: string;
  readonly function: DeployedFunction;
  /** The header with the token, in lower case. */
  readonly header: string;
  /** A token of another form is refused without a call of the function. */
  readonly form?: RegExp;
  /** How long an answer is kept for a token; 0: not at all. */
  readonly ttlSeconds: number;
}

/** An answer of an API itself. */
export interface GatewayResponse {
  /** e.g. `UNAUTHORIZED`, or `DEFAULT_4XX` for all of 400 to 499 that have none of their own. */
  readonly responseType: string;
  /** @default API Gateway's own */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** @default API Gateway's own */
  readonly template?: { readonly contentType: string; readonly text: string };
}
