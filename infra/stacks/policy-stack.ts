import { Annotations, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type MeshName, meshName, policyStackName } from '../../events/names.ts';
import { OWNER_APP } from '../../events/registration.ts';
import { Registration } from '../constructs/registration.ts';
import type { Policy } from '../define-policy.ts';

/** Properties of a {@link PolicyStack}. */
export interface PolicyStackProps extends Pick<StackProps, 'env'> {
  /** The mesh that the policy is for. @default prefix 'posthorn', stage 'dev' */
  readonly name?: Partial<MeshName>;
  /** From {@link definePolicy}. */
  readonly policy: Policy;
  /**
   * The name of the app that has the policy. The policy of the app that owns the mesh applies to every agent, that of another app only to
   * the agents of that app.
   *
   * @default 'mesh', the app that owns the mesh
   */
  readonly appName?: string | undefined;
}

/**
 * A stack with a policy: `posthorn-dev-policy`, or `posthorn-dev-policy-<appName>` for an app that joins the mesh. It has an SSM parameter
 * for each producer, role and issuer. A change of the policy deploys this stack and no agent. {@link addMesh} adds it to an app.
 *
 * @throws RangeError when a part of the mesh's name is not valid (see `meshName`); RefusedError when a registration has more than 8 KB
 * @see docs/security.md
 * @example
 * ```ts
 * await runApp((app) => {
 *   new PolicyStack(app, { name: { stage: 'prod' }, policy: definePolicy({ agents: [] }) });
 * });
 * ```
 */
export class PolicyStack extends Stack {
  constructor(scope: Construct, { name, policy, appName = OWNER_APP, env }: PolicyStackProps) {
    const mesh = meshName(name);
    const stackName = policyStackName(mesh, appName === OWNER_APP ? undefined : appName);
    super(scope, stackName, { stackName, description: `Posthorn (${mesh.stage}): who may send to whom`, ...(env && { env }) });
    for (const registration of policy.producers)
      new Registration(this, `Producer-${registration.id}`, { mesh, appName, kind: 'producers', registration });
    for (const registration of policy.roles)
      new Registration(this, `Role-${registration.id}`, { mesh, appName, kind: 'roles', registration });
    for (const registration of policy.issuers)
      new Registration(this, `Issuer-${registration.id}`, { mesh, appName, kind: 'issuers', registration });
    for (const id of policy.foreignAgents) {
      Annotations.of(this).addWarningV2(
        'posthorn:foreign-agent',
        `policy: it names '${id}', which this app does not have; joined repositories may have it`,
      );
    }
  }
}
