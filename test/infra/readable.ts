import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';

const exportsSchema = z.record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }));

const intrinsic = z.union([
  z.strictObject({ Ref: z.string() }).transform(({ Ref }) => withoutHash(Ref)),
  z
    .strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
    .transform(({ 'Fn::GetAtt': [id, name] }) => `${withoutHash(id)}.${name}`),
  z.strictObject({ 'Fn::ImportValue': z.string() }),
  z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
  z
    .strictObject({
      'Fn::Select': z.tuple([z.literal(0), z.strictObject({ 'Fn::Split': z.tuple([z.string(), z.object({ Ref: z.string() })]) })]),
    })
    .transform(
      ({
        'Fn::Select': [
          ,
          {
            'Fn::Split': [separator, { Ref }],
          },
        ],
      }) => `(${withoutHash(Ref)} before ${separator})`,
    ),
]);

const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

/**
 * Replaces references with readable text for assertions: `Ref` becomes the resource's name, `Fn::GetAtt` the
 * name and its attribute, the first part of a split what comes before the separator, an import what the other stack exports under
 * that name, with `state:` before it.
 */
export function readable(value: unknown, state: Template): unknown {
  const exported = exportsSchema.parse(state.toJSON().Outputs ?? {});
  const visit = (node: unknown): unknown => {
    const parsed = intrinsic.safeParse(node);
    if (parsed.success) {
      if (typeof parsed.data === 'string') return parsed.data;
      if ('Fn::Join' in parsed.data) return parsed.data['Fn::Join'][1].map(visit).join(parsed.data['Fn::Join'][0]);
      const name = parsed.data['Fn::ImportValue'];
      const output = Object.values(exported).find((candidate) => candidate.Export?.Name === name);
      return output === undefined ? `missing export ${name}` : `state:${visit(output.Value)}`;
    }
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, visit(inner)]));
    return node;
  };
  return visit(value);
}

const resourceSchema = z.record(z.string(), z.object({ Properties: z.record(z.string(), z.unknown()) }));

/** The properties of the one resource of a type whose logical id starts with `prefix`, in words. */
export function propertiesOf(template: Template, state: Template, type: string, prefix: string): Readonly<Record<string, unknown>> {
  const found = Object.entries(resourceSchema.parse(template.findResources(type))).filter(([id]) => withoutHash(id) === prefix);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} resources of type ${type} are called ${prefix}`);
  return z.record(z.string(), z.unknown()).parse(readable(only[1].Properties, state));
}
