import { UnsupportedTemplateError } from '../errors.ts';
import { apiUrl } from './api-url.ts';
import type { Assembly, Stack } from './assembly.ts';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import { generatedName, type Place, REFERENCED_TYPES, RESOURCE_TYPES } from './resource-types.ts';

/** The URL of an API on AWS, of which CDK's outputs are made. */
const API_URL = /\bhttps:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g;

/** A resource's physical name. */
export interface PhysicalResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** e.g. the queue's name. */
  readonly physicalName: string;
  readonly arn: string;
  /** The value of `Ref`: a queue's URL, a topic's ARN, otherwise the name. */
  readonly ref: string;
}

/**
 * Resolves the references between the stacks of an assembly. Names are deterministic, so nothing needs to be created first, and the
 * stacks' order does not matter.
 */
export class StackScopes {
  readonly #place: Place;
  readonly #exports = new Map<string, { readonly value: unknown; readonly scope: Scope; readonly stackName: string }>();
  readonly #exportedElsewhere: (name: string) => { readonly value: unknown } | undefined;

  /** @param exportedElsewhere the exports of stacks outside the assembly */
  constructor(assembly: Assembly, place: Place, exportedElsewhere: StackScopes['exported'] = () => undefined) {
    this.#place = place;
    this.#exportedElsewhere = exportedElsewhere;
    for (const stack of assembly.stacks) {
      const scope = this.of(stack);
      for (const { Value, Export } of Object.values(stack.template.Outputs)) {
        if (Export === undefined) continue;
        const name = String(resolveIntrinsics(Export.Name, scope));
        const exporter = this.#exports.get(name)?.stackName;
        if (exporter !== undefined) {
          throw new UnsupportedTemplateError(`${stack.name}: Export with name ${name} is already exported by stack ${exporter}`);
        }
        this.#exports.set(name, { value: Value, scope, stackName: stack.name });
      }
    }
  }

  of(stack: Stack): Scope {
    const { Resources, Parameters, Conditions } = stack.template;
    const pseudo = this.#pseudoParameters(stack);
    return {
      ref: (id) => {
        if (Object.hasOwn(pseudo, id)) return pseudo[id];
        if (Resources[id] !== undefined) return this.physical(stack, id).ref;
        const parameter = Parameters[id];
        if (parameter?.Default !== undefined) return parameter.Default;
        throw new UnsupportedTemplateError(`${stack.name} refers to ${id}, which has no value here`);
      },
      attribute: (id, attribute) => this.#attribute(stack, id, attribute),
      localUrl: (text) => text.replace(API_URL, (_, id: string) => apiUrl(this.#place, id)),
      imported: (name) => {
        const exported = this.exported(name) ?? this.#exportedElsewhere(name);
        // CloudFormation's wording.
        if (exported === undefined) {
          throw new UnsupportedTemplateError(
            `No export named ${name} found. Stack ${stack.name} imports it: deploy the stack that exports it first`,
          );
        }
        return exported.value;
      },
      condition: (name) => {
        if (!Object.hasOwn(Conditions, name)) throw new UnsupportedTemplateError(`${stack.name} has no condition ${name}`);
        return Conditions[name];
      },
    };
  }

  /** The value that a stack of the assembly exports under a name. */
  exported(name: string): { readonly value: unknown } | undefined {
    const exported = this.#exports.get(name);
    return exported && { value: resolveIntrinsics(exported.value, exported.scope) };
  }

  /** A resource that is not created here gets its given name or its logical id, so that references to it still resolve. */
  physical(stack: Stack, logicalId: string): PhysicalResource {
    const resource = stack.template.Resources[logicalId];
    if (resource === undefined) throw new UnsupportedTemplateError(`${stack.name} has no resource ${logicalId}`);
    const type = RESOURCE_TYPES[resource.Type] ?? REFERENCED_TYPES[resource.Type];
    const identity = { stackName: stack.name, logicalId, type: resource.Type };
    if (type === undefined) {
      const [, service = 'CloudFormation', kind = ''] = resource.Type.split('::');
      const given = resource.Properties[`${kind}Name`];
      const name = typeof given === 'string' ? given : logicalId;
      const arn = `arn:aws:${service.toLowerCase()}:${this.#place.region}:${this.#place.accountId}:${name}`;
      return { ...identity, physicalName: name, arn, ref: name };
    }
    const { nameProperty } = type;
    const given = nameProperty === undefined ? undefined : resolveIntrinsics(resource.Properties[nameProperty], this.of(stack));
    const isFifo = resource.Properties.FifoQueue === true || resource.Properties.FifoQueue === 'true';
    const physicalName = given === undefined ? generatedName(resource.Type, stack.name, logicalId, isFifo) : String(given);
    return { ...identity, physicalName, arn: type.arn(physicalName, this.#place), ref: type.ref(physicalName, this.#place) };
  }

  #attribute(stack: Stack, logicalId: string, attribute: string): string {
    const resource = this.physical(stack, logicalId);
    if (attribute === 'Arn') return resource.arn;
    const type = RESOURCE_TYPES[resource.type] ?? REFERENCED_TYPES[resource.type];
    if (type === undefined) return attribute.endsWith('Arn') ? resource.arn : resource.physicalName;
    const property = (name: string) => resolveIntrinsics(stack.template.Resources[logicalId]?.Properties[name], this.of(stack));
    const value = type.attributes(resource.physicalName, this.#place, property)[attribute];
    if (value === undefined) throw new UnsupportedTemplateError(`${attribute} of ${resource.type} ${logicalId} has no value here`);
    return value;
  }

  #pseudoParameters(stack: Stack): Readonly<Record<string, unknown>> {
    const { region, accountId } = this.#place;
    return {
      'AWS::AccountId': accountId,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack.name,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stack.name}/local`,
      'AWS::NoValue': undefined,
    };
  }
}
