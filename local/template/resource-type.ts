/** The common parts of ARNs and URLs. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
  /** e.g. `http://127.0.0.1:4566` */
  readonly endpoint: string;
}

/** A type of CloudFormation's resources, as far as the embedded cloud knows it. */
export interface ResourceType {
  /** The property that sets the physical name. Absent if AWS always chooses it. */
  readonly nameProperty?: string;
  readonly maxNameLength: number;
  /** Properties that have an effect here. All others are reported as ignored. */
  readonly honoured: readonly string[];
  /** A physical name for a resource that names none. @param of stack and logical id @default both, cut to the limit */
  generate?(of: string): string;
  arn(name: string, place: Place): string;
  /** The value of `Ref`. */
  ref(name: string, place: Place): string;
  /** Further attributes for `Fn::GetAtt`. @param property resolves a property of the resource */
  attributes(name: string, place: Place, property: (name: string) => unknown): Readonly<Record<string, string>>;
}
