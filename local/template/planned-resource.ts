import type { PhysicalResource } from './stack-scope.ts';

/** A resource to create, with the properties that have an effect here. */
export interface PlannedResource extends PhysicalResource {
  readonly properties: Readonly<Record<string, unknown>>;
}
