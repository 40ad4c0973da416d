import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { meshName, stateStackName } from '../../events/names.ts';
import { Mesh, type MeshProps } from '../constructs/mesh.ts';

/** Properties of a {@link MeshStack}. */
export interface MeshStackProps extends MeshProps, Pick<StackProps, 'env'> {}

/**
 * A stack with a mesh: `posthorn-dev-state`. It is protected from termination if it keeps its state.
 *
 * @throws RangeError when a part of the mesh's name is not valid (see `meshName`)
 * @see docs/adr/0012-a-stack-per-agent.md
 * @example
 * ```ts
 * await runApp((app) => {
 *   new MeshStack(app, { name: { stage: 'prod' } });
 * });
 * ```
 */
export class MeshStack extends Stack {
  readonly mesh: Mesh;

  constructor(scope: Construct, { env, ...props }: MeshStackProps = {}) {
    const name = meshName(props.name);
    super(scope, stateStackName(name), {
      stackName: stateStackName(name),
      description: `Posthorn (${name.stage}): ledger, content, replies and alerts`,
      terminationProtection: props.retainState ?? true,
      ...(env && { env }),
    });
    // The CDK leaves this id out of logical ids.
    this.mesh = new Mesh(this, 'Default', props);
  }
}
