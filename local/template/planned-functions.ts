import type { Assembly } from './assembly.ts';
import { checkFunction } from './aws-limits.ts';
import type { DeployedFunction } from './deployed.ts';
import { deployedFunction } from './deployed-function.ts';
import { type FoundResource, placeOf, planResource } from './find-resources.ts';
import type { PlannedResource } from './planned-resource.ts';
import type { Place } from './resource-types.ts';
import type { StackScopes } from './stack-scope.ts';

/**
 * The functions of an assembly. One that nothing feeds (e.g. of a custom resource) is not resolved: it may use properties that are not
 * supported.
 */
export class PlannedFunctions {
  readonly #found: readonly { readonly resource: FoundResource; readonly name: string; readonly arn: string }[];
  readonly #fed = new Map<FoundResource, PlannedResource>();
  readonly #assembly: Assembly;
  readonly #scopes: StackScopes;
  readonly #place: Place;

  constructor(found: readonly FoundResource[], assembly: Assembly, scopes: StackScopes, place: Place) {
    this.#found = found.map((resource) => {
      const { physicalName: name, arn } = scopes.physical(resource.stack, resource.logicalId);
      return { resource, name, arn };
    });
    this.#assembly = assembly;
    this.#scopes = scopes;
    this.#place = place;
  }

  find(nameOrArn: string): FoundResource | undefined {
    return this.#found.find(({ name, arn }) => nameOrArn === name || nameOrArn === arn)?.resource;
  }

  /** Counts a function as fed, so that it is deployed. */
  feed(found: FoundResource): PlannedResource {
    const planned = this.#fed.get(found) ?? planResource(found, this.#scopes);
    this.#fed.set(found, planned);
    return planned;
  }

  /** @throws UnsupportedTemplateError if a function cannot run here, or AWS would refuse it */
  run(found: FoundResource): DeployedFunction {
    const deployed = deployedFunction(this.feed(found), this.#assembly, this.#place);
    checkFunction(deployed, placeOf(found));
    return deployed;
  }

  get fed(): readonly PlannedResource[] {
    return [...this.#fed.values()];
  }

  /** The number of functions that nothing feeds. */
  get unfed(): number {
    return this.#found.length - this.#fed.size;
  }
}
