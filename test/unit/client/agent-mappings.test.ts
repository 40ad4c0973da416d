import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { AccessDeniedError, MeshClient, NoMappingError } from '../../../client/index.ts';

interface Answer {
  readonly status: number;
  readonly body: object;
}

const mapping = (State: string, inbox = 'posthorn-dev-greeting-inbox') => ({
  ...{ UUID: 'uuid-1', State, EventSourceArn: `arn:aws:sqs:eu-west-1:123456789012:${inbox}` },
});
const listed = (...mappings: readonly object[]): Answer => ({ status: 200, body: { EventSourceMappings: mappings } });
const failed = (type: string, status = 400): Answer => ({ status, body: { __type: type, Message: type } });

/** AWS, which answers Lambda's requests one after the other, and the requests that it got. SQS has the inbox of `greeting`. */
async function meshAt(...answers: readonly Answer[]) {
  const requests: unknown[] = [];
  const rest = [...answers];
  const server = createServer(async (request, response) => {
    const isSqs = request.headers['x-amz-target'] !== undefined;
    const input = request.method === 'GET' ? undefined : await json(request);
    if (!isSqs) requests.push(input === undefined ? request.url : [request.url, input]);
    const answer = isSqs ? { status: 200, body: { QueueUrl: 'http://queue' } } : rest.shift();
    response.writeHead(answer?.status ?? 500, { 'content-type': 'application/json' }).end(JSON.stringify(answer?.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const mesh = new MeshClient({ endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  onTestFinished(async () => {
    await mesh[Symbol.asyncDispose]();
    server.close();
    server.closeAllConnections();
  });
  return { mesh, requests };
}

const LIST = '/2015-03-31/event-source-mappings?FunctionName=posthorn-dev-greeting';
const UPDATE = '/2015-03-31/event-source-mappings/uuid-1';

test('the mapping of the inbox is found among those of the function, and switched', async () => {
  const { mesh, requests } = await meshAt(listed(mapping('Enabled', 'other'), mapping('Enabled')), {
    status: 202,
    body: mapping('Disabling'),
  });

  expect(await mesh.pause('greeting')).toEqual({ agent: 'greeting', state: 'disabling', uuid: 'uuid-1' });
  expect(requests).toEqual([LIST, [UPDATE, { Enabled: false }]]);
});

test.each([
  ['pause', 'Disabled'],
  ['pause', 'Disabling'],
  ['resume', 'Enabled'],
  ['resume', 'Enabling'],
] as const)('%s changes nothing that is %s', async (operation, State) => {
  const { mesh, requests } = await meshAt(listed(mapping(State)));

  expect(await mesh[operation]('greeting')).toEqual({ agent: 'greeting', state: State.toLowerCase(), uuid: 'uuid-1' });
  expect(requests).toEqual([LIST]);
});

test('a change that is under way is waited for', async () => {
  const { mesh, requests } = await meshAt(
    ...[listed(mapping('Enabling')), failed('ResourceInUseException')],
    ...[listed(mapping('Enabled')), { status: 202, body: mapping('Disabling') }],
  );

  expect(await mesh.pause('greeting')).toMatchObject({ state: 'disabling' });
  expect(requests).toEqual([LIST, [UPDATE, { Enabled: false }], LIST, [UPDATE, { Enabled: false }]]);
});

test('the wait for a change ends with the signal', async () => {
  const { mesh } = await meshAt(listed(mapping('Enabling')), failed('ResourceInUseException'));
  const controller = new AbortController();
  const paused = mesh.pause('greeting', { signal: controller.signal });
  controller.abort(new Error('enough'));

  await expect(paused).rejects.toThrow('enough');
});

test('an action that IAM denies is named with its remedy', async () => {
  const { mesh } = await meshAt(failed('AccessDeniedException', 403), listed(mapping('Enabled')), failed('AccessDeniedException', 403));

  const reading = await mesh.mapping('greeting').catch((error: unknown) => error);
  const writing = await mesh.pause('greeting').catch((error: unknown) => error);

  expect(reading).toBeInstanceOf(AccessDeniedError);
  expect(reading).toMatchObject({
    message: "AWS denies lambda:ListEventSourceMappings for the function 'posthorn-dev-greeting'",
    remedy: expect.stringContaining('Allow your role lambda:ListEventSourceMappings.'),
  });
  expect(writing).toMatchObject({
    code: 'AccessDenied',
    message: "AWS denies lambda:UpdateEventSourceMapping for the function 'posthorn-dev-greeting'",
    remedy: expect.stringContaining('Allow your role lambda:UpdateEventSourceMapping.'),
  });
});

test('an agent without a mapping is an error, whether it has a function or not', async () => {
  const { mesh } = await meshAt(listed(), failed('ResourceNotFoundException', 404));

  await expect(mesh.mapping('greeting')).rejects.toThrow(NoMappingError);
  await expect(mesh.mapping('greeting')).rejects.toMatchObject({ code: 'NoMapping', remedy: 'Deploy the stack of the agent again.' });
});
