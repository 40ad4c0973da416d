import { extname, join } from 'node:path';
import { LambdaIntegration, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { type MeshName, SERVICE_PREFIX } from '../../events/names.ts';
import { MeshFunction } from './mesh-function.ts';

export interface MeshServiceProps {
  readonly mesh: MeshName;
  /** The mesh's REST API. */
  readonly api: RestApi;
  /** The folder in `functions/services`, whose `handler.ts` exports `handler`. */
  readonly folder: string;
  readonly description: string;
  /** The paths that the service answers, e.g. `/agents` and `/agents/{proxy+}`. It answers every method, so that it can refuse one. */
  readonly routes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Keeps the log group when its stack is deleted. */
  readonly retainState: boolean;
  /** At most 29: API Gateway waits no longer. @default 10 */
  readonly timeoutSeconds?: number;
  /** @default 512 */
  readonly memoryMb?: number;
}

/**
 * A service of the mesh that answers HTTP: the function of `functions/services/<folder>`, behind routes of the mesh's REST API. Its role
 * may only log until the caller gives it more.
 */
export class MeshService extends MeshFunction {
  constructor(scope: Construct, id: string, props: MeshServiceProps) {
    const { mesh, api, folder, description, routes, environment, retainState, timeoutSeconds = 10, memoryMb = 512 } = props;
    const entry = join(import.meta.dirname, `../../functions/services/${folder}/handler${extname(import.meta.filename)}`);
    const functionId = `${SERVICE_PREFIX}${folder}`;
    super(scope, id, { mesh, functionId, description, entry, timeoutSeconds, memoryMb, environment, retainState });
    const integration = new LambdaIntegration(this.lambda, { allowTestInvoke: false });
    for (const route of routes) api.root.resourceForPath(route).addMethod('ANY', integration);
  }
}
