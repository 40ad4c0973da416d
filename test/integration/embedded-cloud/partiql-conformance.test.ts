import { BatchExecuteStatementCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { synthesizeFixture } from '../../helpers/fixture-app.ts';
import { conformance, TABLE } from './partiql-conformance.ts';
import { credentials, SCRIPTED_HANDLER } from './running-fixture.ts';

describe('the embedded tables answer BatchExecuteStatement as DynamoDB does', () => {
  let cloud: EmbeddedCloud;
  let client: DynamoDBClient;
  beforeAll(async () => {
    cloud = await EmbeddedCloud.start({ assemblyDirectory: synthesizeFixture({ handler: SCRIPTED_HANDLER }), port: 0 });
    client = new DynamoDBClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  });
  afterAll(() => cloud.stop());

  conformance(() => client);

  test('refuses every other statement, and names the two that are supported', async () => {
    const request = client.send(new BatchExecuteStatementCommand({ Statements: [{ Statement: `SELECT * FROM "${TABLE}"` }] }));

    await expect(request).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/support INSERT INTO "table" VALUE .* and UPDATE "table" SET/),
    });
  });
});
