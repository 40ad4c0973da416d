import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Resources = Readonly<Record<string, object>>;

/** A synthesized stack, without the seconds that loading the CDK takes. */
export interface WrittenStack {
  readonly resources: Resources;
  /** By the name under which a value is exported. */
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** Writes a cloud assembly of stacks by their names. Handlers' sources are found in their functions, see {@link agent}. @returns its directory */
export function writeAssembly(stacks: Readonly<Record<string, WrittenStack>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  const write = (file: string, content: unknown) => writeFileSync(join(directory, file), JSON.stringify(content));
  const artifacts: Record<string, object> = {};
  for (const [name, { resources, exports = {} }] of Object.entries(stacks)) {
    const Outputs = Object.fromEntries(
      Object.entries(exports).map(([Name, Value], index) => [`Output${index}`, { Value, Export: { Name } }]),
    );
    write(`${name}.template.json`, { Resources: resources, Outputs });
    const sources = Object.values(resources).flatMap((resource) => ('source' in resource ? [String(resource.source)] : []));
    for (const source of sources) {
      const folder = join(directory, `asset.${keyOf(source)}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'index.mjs'), source);
    }
    const asset = (source: string) => ({
      source: { path: `asset.${keyOf(source)}` },
      destinations: { here: { objectKey: keyOf(source) } },
    });
    write(`${name}.assets.json`, { files: Object.fromEntries(sources.map((source) => [keyOf(source), asset(source)])) });
    artifacts[name] = { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.template.json` } };
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
  }
  write('manifest.json', { artifacts });
  return directory;
}

export interface AgentOptions {
  readonly source: string;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly maxConcurrency?: number;
  readonly batchSize?: number;
  /** Of its inbox, besides its name. */
  readonly inbox?: object;
}

/** A function that an inbox feeds: queue `<name>-inbox` and function `<name>`. */
export function agent(name: string, { source, environment = {}, maxConcurrency, batchSize = 1, inbox = {} }: AgentOptions): Resources {
  return {
    [`${name}Inbox`]: queue(`${name}-inbox`, { VisibilityTimeout: 600, ...inbox }),
    [`${name}Function`]: {
      Type: 'AWS::Lambda::Function',
      source,
      Properties: {
        FunctionName: name,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 60,
        MemorySize: 256,
        Code: { S3Bucket: 'assets', S3Key: keyOf(source) },
        Environment: { Variables: environment },
      },
    },
    [`${name}Mapping`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: `${name}Function` },
        EventSourceArn: { 'Fn::GetAtt': [`${name}Inbox`, 'Arn'] },
        BatchSize: batchSize,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...(maxConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: maxConcurrency } }),
      },
    },
  };
}

export function queue(QueueName: string, properties: object = {}): object {
  return { Type: 'AWS::SQS::Queue', Properties: { QueueName, ...properties } };
}

export function table(TableName: string, partitionKey: string): object {
  return {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName,
      KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: partitionKey, AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    },
  };
}

function keyOf(source: string): string {
  return `${createHash('sha256').update(source).digest('hex')}.zip`;
}
