import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          file: z.string().optional(),
          directoryName: z.string().optional(),
        })
        .optional(),
    }),
  ),
});

const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

const templateSchema = z.object({
  Metadata: z.record(z.string(), z.unknown()).optional(),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z
    .record(
      z.string(),
      z.object({
        Type: z.string(),
        Condition: z.string().optional(),
        Properties: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default({}),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() })).default({}),
});

export type Template = z.output<typeof templateSchema>;

export interface Stack {
  readonly name: string;
  readonly template: Template;
}

/** A synthesized CDK app (a `cdk.out`): its stacks and the paths of their assets. */
export interface Assembly {
  readonly stacks: readonly Stack[];
  /** Absolute path of an asset by its S3 object key. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads every stack of a cloud assembly, nested assemblies (CDK stages) included.
 *
 * @throws Error with the file's name if a manifest or template cannot be read or is not valid
 * @see https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies
 */
export async function readAssembly(directory: string): Promise<Assembly> {
  const stacks: Stack[] = [];
  const assets = new Map<string, string>();
  const manifest = await readJson(join(directory, 'manifest.json'), manifestSchema);
  for (const [id, { type, properties = {} }] of Object.entries(manifest.artifacts)) {
    if (type === 'aws:cloudformation:stack' && properties.templateFile !== undefined) {
      stacks.push({
        name: properties.stackName ?? id,
        template: await readJson(join(directory, properties.templateFile), templateSchema),
      });
    } else if (type === 'cdk:asset-manifest' && properties.file !== undefined) {
      const { files } = await readJson(join(directory, properties.file), assetsSchema);
      for (const { source, destinations } of Object.values(files)) {
        if (source.path === undefined) continue;
        for (const { objectKey } of Object.values(destinations)) assets.set(objectKey, join(directory, source.path));
      }
    } else if (type === 'cdk:cloud-assembly' && properties.directoryName !== undefined) {
      const nested = await readAssembly(join(directory, properties.directoryName));
      stacks.push(...nested.stacks);
      for (const [key, path] of nested.assets) assets.set(key, path);
    }
  }
  return { stacks, assets };
}

async function readJson<Output>(file: string, schema: z.ZodType<Output>): Promise<Output> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new Error(`Cannot read ${file} of the cloud assembly: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
