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
  readonly authorization: 'NONE' | 'AWS_IAM';
  readonly timeoutMs: number;
  readonly function: DeployedFunction;
}
