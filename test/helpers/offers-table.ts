import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { onTestFinished } from 'vitest';
import { dynaliteTables } from '../../bench/stub/dynalite-tables.ts';
import { OFFERS_TABLE } from '../../bench/stub/table-names.ts';
import { MeshClient } from '../../client/index.ts';
import { meshName } from '../../events/names.ts';
import { awsProbe } from '../../functions/services/probe/aws-probe.ts';
import { awsRegistry } from '../../functions/services/registry/aws-registry.ts';
import { startAws } from '../unit/runtime/aws/local-aws.ts';

/** The table of offers on dynalite, with those who read and write it. The mesh has the stage `bench`. */
export async function startOffersTable() {
  const tables = await dynaliteTables();
  const requests: Record<string, number> = {};
  const endpoint = await startAws(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    requests[operation] = (requests[operation] ?? 0) + 1;
    const { status, body } = await tables.execute(operation, JSON.parse(await text(request)));
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  const clients = {
    dynamodb: new DynamoDBClient({ endpoint }),
    sqs: new SQSClient({ endpoint }),
    lambda: new LambdaClient({ endpoint }),
    ssm: new SSMClient({ endpoint }),
  };
  const client = new MeshClient({ stage: 'bench', endpoint });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    for (const each of Object.values(clients)) each.destroy();
    await tables.close();
  });
  const warnings: (readonly [string, unknown])[] = [];
  const logger = { info: () => {}, warn: (message: string, fields?: unknown) => void warnings.push([message, fields]) };
  const place = {
    ...{ mesh: meshName({ stage: 'bench' }), registryTable: 'posthorn-bench-registry', offersTable: OFFERS_TABLE },
    ...{ metricsTable: 'posthorn-bench-metrics', queueUrl: '{queue}' },
  };
  return {
    dynamodb: clients.dynamodb,
    client,
    /** By operation. */
    requests,
    warnings,
    registry: awsRegistry(clients, { path: '/posthorn/bench', tableName: place.registryTable, offersTable: OFFERS_TABLE }),
    probe: awsProbe({ ...clients, logger }, place),
    /** Writes an item without a request. @param item as DynamoDB has it */
    put: (item: object) => tables.execute('PutItem', { TableName: OFFERS_TABLE, Item: item }),
  };
}
