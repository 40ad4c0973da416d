import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { DataDirectoryDamagedError, DataDirectoryInUseError, DataDirectoryUnusableError } from '../../../local/errors.ts';
import { checkDataDirectory } from '../../../local/services/data-directory.ts';
import { until } from '../../helpers/until.ts';
import { queue, table, writeAssembly } from '../../helpers/written-assembly.ts';
import { clients } from './running-fixture.ts';

const temporary = () => mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));
const assemblyDirectory = writeAssembly({ state: { resources: { Inbox: queue('inbox'), Ledger: table('ledger', 'key') } } });

/** A data directory that was used, and is not open. */
async function usedDirectory(): Promise<string> {
  const dataDirectory = temporary();
  const cloud = await EmbeddedCloud.start({ port: 0, dataDirectory, assemblyDirectory });
  const { sqs, dynamo, url } = clients(cloud.endpoint);
  const QueueUrl = await url('inbox');
  for (let index = 0; index < 50; index++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm'.repeat(1_000) }));
  await dynamo.send(new PutItemCommand({ TableName: 'ledger', Item: { key: { S: 'k' } } }));
  await cloud.stop();
  return dataDirectory;
}

const start = (dataDirectory: string) => EmbeddedCloud.start({ port: 0, dataDirectory, assemblyDirectory });

test('a new directory is made, and a used one is in order', async () => {
  const directory = join(temporary(), 'a', 'b');

  await checkDataDirectory(directory);
  expect(existsSync(directory)).toBe(true);
  await checkDataDirectory(await usedDirectory());
});

test('the check keeps no lock, and finds that of another embedded cloud', async () => {
  const directory = await usedDirectory();
  await checkDataDirectory(directory);
  const cloud = await start(directory);
  onTestFinished(() => cloud.stop());

  const message = `${directory} is in use by another embedded cloud: stop that one, or choose another directory with --data DIR`;
  await expect(checkDataDirectory(directory)).rejects.toThrow(new DataDirectoryInUseError(directory, undefined));
  await expect(start(directory)).rejects.toThrow(message);
});

const inTables = (directory: string, pattern: RegExp) =>
  readdirSync(join(directory, 'dynalite'))
    .filter((name) => pattern.test(name))
    .map((name) => join(directory, 'dynalite', name));

test.each<[string, (directory: string) => void, RegExp]>([
  [
    'its queues’ file is no database',
    (directory) => writeFileSync(join(directory, 'fauxqs/fauxqs.db'), 'x'.repeat(20_000)),
    /not a database/,
  ],
  [
    'LevelDB’s manifest is damaged',
    (directory) => inTables(directory, /^MANIFEST/).forEach((file) => void truncateSync(file, 3)),
    /Corruption/,
  ],
  ['LevelDB’s manifest is missing', (directory) => inTables(directory, /^MANIFEST/).forEach((file) => void rmSync(file)), /No such file/],
  [
    'LevelDB’s list of files is missing',
    (directory) => rmSync(join(directory, 'dynalite/CURRENT')),
    /its tables \(.*dynalite\) are missing/,
  ],
  [
    'its tables are missing',
    (directory) => rmSync(join(directory, 'dynalite'), { recursive: true }),
    /its tables \(.*dynalite\) are missing/,
  ],
  [
    'its queues are missing',
    (directory) => rmSync(join(directory, 'fauxqs'), { recursive: true }),
    /its queues and objects \(.*fauxqs\) are missing/,
  ],
])('is refused at once, and no part is made anew, if %s', async (_, damage, reason) => {
  const directory = await usedDirectory();
  damage(directory);
  const before = readdirSync(directory);

  for (const attempt of [checkDataDirectory, start]) {
    const refused = attempt(directory).then(
      () => 'not refused',
      (error: unknown) => error,
    );
    const error = await refused;
    expect(error).toBeInstanceOf(DataDirectoryDamagedError);
    expect(error).toHaveProperty('message', expect.stringMatching(reason));
    expect(error).toHaveProperty(
      'message',
      expect.stringMatching(
        /^\/.* is damaged \(.*\): restore it from a copy, remove it to begin anew, or choose another directory with --data DIR$/,
      ),
    );
  }
  expect(readdirSync(directory)).toEqual(before);
});

test('is refused if pages of its queues’ file are damaged', async () => {
  const directory = await usedDirectory();
  truncateSync(join(directory, 'fauxqs/fauxqs.db'), 3 * 4_096);

  await expect(start(directory)).rejects.toThrow(DataDirectoryDamagedError);
});

test('is refused if it is a file', async () => {
  const file = join(temporary(), 'file');
  writeFileSync(file, '');

  await expect(checkDataDirectory(file)).rejects.toThrow(DataDirectoryUnusableError);
  await expect(start(join(file, 'below'))).rejects.toThrow(`${join(file, 'below')} cannot be written to (ENOTDIR: not a directory`);
});

test('once the disk is full nothing is acknowledged, and the reason is given once, in a sentence', async () => {
  const directory = await usedDirectory();
  // No file of the process may be larger: as for the process, the disk is full then.
  const script = join(import.meta.dirname, 'cloud-process.ts');
  const child = spawn('bash', ['-c', `ulimit -f 800; exec "$0" "$@"`, process.execPath, script, assemblyDirectory, directory]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  const endpoint = await until('it is up', () => /http\S+\n/.exec(output)?.[0].trim(), { describe: () => errors });
  const { sqs, dynamo, url } = clients(endpoint);
  const QueueUrl = await url('inbox');

  const failed = async () => {
    for (;;) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm'.repeat(200_000) }));
  };
  const sentence = `${directory} cannot be written to (disk I/O error): free space or give permission, or choose another directory with --data DIR. Acknowledged writes are kept`;
  await expect(failed()).rejects.toThrow(sentence);

  await expect(dynamo.send(new PutItemCommand({ TableName: 'ledger', Item: { key: { S: 'l' } } }))).rejects.toThrow(sentence);
  await expect(sqs.send(new GetQueueAttributesCommand({ QueueUrl }))).rejects.toThrow(sentence);
  await until('it has said so', () => output.includes('failed'));
  expect(output.split('\n').slice(1)).toEqual([`failed: ${sentence}`, '']);
  expect(errors).not.toMatch(/^ +at /m);
  expect(child.exitCode).toBeNull();
});
