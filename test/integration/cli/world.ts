import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { contentBucketName, deadLetterQueueName, errorQueueName, inboxName, meshName, repliesQueueName } from '../../../events/names.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** @default this repository's */
  readonly cwd?: string;
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** Interrupts the process when it resolves. */
  readonly interruption?: Promise<NodeJS.Signals>;
  /** Called once the process has written something. */
  readonly onOutput?: (child: RunningCommand) => void;
}

export interface RunningCommand {
  kill(signal: NodeJS.Signals): void;
  /** Calls once stdout has this. */
  onceOutput(pattern: RegExp, call: () => void): void;
}

const root = resolve(import.meta.dirname, '../../..');
const bin = join(root, 'cli/bin.mjs');

/** Runs the command as a person does, who has no AWS credentials. */
export async function posthorn(
  args: readonly string[],
  { cwd = root, stdin = '', env = {}, nodeOptions = [], interruption, onOutput }: RunOptions = {},
): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(join(root, 'node_modules/.bin/node'), ['--conditions=posthorn-source', ...nodeOptions, bin, ...args], {
    cwd,
    env: { PATH, HOME, AWS_EC2_METADATA_DISABLED: 'true', NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'), ...env },
  });
  interruption?.then((signal) => child.kill(signal));
  let written = '';
  const running: RunningCommand = {
    kill: (signal) => void child.kill(signal),
    onceOutput(pattern, call) {
      const look = (part: Buffer) => {
        written += part;
        if (!pattern.test(written)) return;
        child.stdout.off('data', look);
        call();
      };
      child.stdout.on('data', look);
    },
  };
  if (onOutput !== undefined) child.stdout.once('data', () => onOutput(running));
  child.stdin.on('error', () => {}).end(stdin);
  const exit = new Promise<number | null>((settle, fail) => child.once('error', fail).once('close', settle));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}

/** A port of 127.0.0.1 without a listener: this process has just closed it. */
export async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return String(typeof address === 'object' ? address?.port : '');
}

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
export const CONTENT_BUCKET = contentBucketName(meshName(), ACCOUNT, REGION);

/** An emulator on a free port, with the queues of some agents, the content bucket and, on request, the replies queue. */
export async function startWorld(agents: readonly string[], { replies = true }: { readonly replies?: boolean } = {}) {
  const app = buildApp({ logger: false });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = { endpoint: url, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-cli-'));
  const queueUrl = (name: string) => `${url}/${ACCOUNT}/${name}`;
  const Attributes = { MaximumMessageSize: '1048576' };
  for (const agent of agents) {
    for (const naming of [inboxName, errorQueueName, deadLetterQueueName]) {
      await sqs.send(new CreateQueueCommand({ QueueName: naming(meshName(), agent), Attributes }));
    }
  }
  if (replies) await sqs.send(new CreateQueueCommand({ QueueName: repliesQueueName(meshName()), Attributes }));
  await s3.send(new CreateBucketCommand({ Bucket: CONTENT_BUCKET }));

  return {
    url,
    folder,
    run: (args: readonly string[], options?: RunOptions) => posthorn([...args, '--endpoint-url', url], options),
    async put(queueName: string, body: string, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
      const MessageAttributes: Record<string, MessageAttributeValue> = {};
      for (const [name, StringValue] of Object.entries(attributes)) MessageAttributes[name] = { DataType: 'String', StringValue };
      const { MessageId = '' } = await sqs.send(
        new SendMessageCommand({ QueueUrl: queueUrl(queueName), MessageBody: body, MessageAttributes }),
      );
      return MessageId;
    },
    /** Takes everything that is visible. */
    async take(queueName: string): Promise<readonly Message[]> {
      const QueueUrl = queueUrl(queueName);
      const taken: Message[] = [];
      const receiver = async () => {
        for (;;) {
          const { Messages = [] } = await sqs.send(
            new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
          );
          if (Messages.length === 0) return;
          taken.push(...Messages);
          const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
          await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
        }
      };
      await Promise.all(Array.from({ length: 4 }, receiver));
      return taken;
    },
    async count(queueName: string): Promise<{ readonly visible: number; readonly inFlight: number }> {
      const { Attributes: found = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl(queueName), AttributeNames: ['All'] }),
      );
      return { visible: Number(found.ApproximateNumberOfMessages), inFlight: Number(found.ApproximateNumberOfMessagesNotVisible) };
    },
    async putObject(key: string, body: string): Promise<void> {
      await s3.send(new PutObjectCommand({ Bucket: CONTENT_BUCKET, Key: key, Body: body }));
    },
    async object(reference: string): Promise<{ readonly bytes: Buffer; readonly contentType: string | undefined }> {
      const Key = reference.replace(`s3://${CONTENT_BUCKET}/`, '');
      const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: CONTENT_BUCKET, Key }));
      return { bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), contentType: ContentType };
    },
    async [Symbol.asyncDispose]() {
      sqs.destroy();
      s3.destroy();
      await app.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
