import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The resources of a stack by their logical ids, in the form of a CloudFormation template. */
export type StackResources = Readonly<Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>>;

const NO_CODE = 'no-code';

/**
 * Writes a cloud assembly for functions that have no code, because `EmbeddedCloudOptions.handlers` has their handlers.
 *
 * @param stacks by their names
 */
export async function writeAssembly(directory: string, stacks: Readonly<Record<string, StackResources>>): Promise<void> {
  await mkdir(join(directory, NO_CODE), { recursive: true });
  const write = (file: string, value: object) => writeFile(join(directory, file), JSON.stringify(value));
  const artifacts: Record<string, object> = {
    assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
  };
  for (const [stackName, resources] of Object.entries(stacks)) {
    const templateFile = `${stackName}.template.json`;
    artifacts[stackName] = { type: 'aws:cloudformation:stack', properties: { templateFile, stackName } };
    await write(templateFile, { Resources: withoutCode(resources) });
  }
  await write('assets.json', { files: { code: { source: { path: NO_CODE }, destinations: { here: { objectKey: NO_CODE } } } } });
  await write('manifest.json', { artifacts });
}

const withoutCode = (resources: StackResources): StackResources =>
  Object.fromEntries(
    Object.entries(resources).map(([id, { Type, Properties }]) => [
      id,
      { Type, Properties: Type === 'AWS::Lambda::Function' ? { ...Properties, Code: { S3Key: NO_CODE } } : Properties },
    ]),
  );
