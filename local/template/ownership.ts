import { StackConflictError } from '../errors.ts';
import type { Deployment } from './deployment.ts';
import { resourceIdentity } from './deployment-changes.ts';

/**
 * Refuses a deployment that would change what another owner has deployed.
 *
 * @param others the deployments of the other owners
 * @throws StackConflictError naming the stack or resource, and both owners
 */
export function refuseConflicts(owner: string, deployment: Deployment, others: ReadonlyMap<string, Deployment>): void {
  for (const [other, { stackNames, resources }] of others) {
    const stack = stackNames.find((name) => deployment.stackNames.includes(name));
    if (stack !== undefined) {
      throw new StackConflictError(`Stack ${stack} of ${owner} is deployed by ${other} already: give one of them another name or prefix`);
    }
    const taken = new Map(resources.map((resource) => [resourceIdentity(resource), resource]));
    for (const resource of deployment.resources) {
      const conflict = taken.get(resourceIdentity(resource));
      if (conflict === undefined) continue;
      const { type, physicalName, stackName } = resource;
      throw new StackConflictError(
        `${type} ${physicalName} of ${owner} (stack ${stackName}) is in stack ${conflict.stackName} of ${other} already: give one of them another name`,
      );
    }
  }
}
