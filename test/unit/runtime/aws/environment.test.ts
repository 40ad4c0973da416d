import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../../functions/runtime/aws/environment.ts';
import { EnvironmentDirectory } from '../../../../functions/runtime/aws/environment-directory.ts';

const url = (name: string) => `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}`;
const targets = { inboxUrl: url('mesh-{agent}-inbox'), agents: ['other', 'third'] };
const variables = {
  AWS_REGION: 'eu-central-1',
  POSTHORN_LEDGER_TABLE: 'ledger',
  POSTHORN_CONTENT_BUCKET: 'content',
  POSTHORN_ALERT_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:alerts',
  POSTHORN_INBOX_URL: url('inbox'),
  POSTHORN_ERROR_QUEUE_URL: url('errors'),
  POSTHORN_DEAD_LETTER_QUEUE_URL: url('dlq'),
  POSTHORN_REPLIES_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/replies',
  POSTHORN_TARGETS: JSON.stringify(targets),
  POSTHORN_MAX_RECEIVES: '10',
  POSTHORN_REGISTRY_TABLE: 'registry',
  POSTHORN_METRICS_TABLE: 'metrics',
  POSTHORN_AUTHENTICATION: 'iam',
  POSTHORN_JOURNEY_SAMPLING: '0.05',
};

describe('readEnvironment', () => {
  it('reads what the stack sets, and nothing else', () => {
    expect(readEnvironment({ ...variables, PATH: '/usr/bin', SECRET: 'x' })).toEqual({
      ...variables,
      POSTHORN_TARGETS: targets,
      POSTHORN_MAX_RECEIVES: 10,
      POSTHORN_JOURNEY_SAMPLING: 0.05,
    });
  });

  it.each<[string, string | undefined]>([
    ...Object.keys(variables).map((name): [string, undefined] => [name, undefined]),
    ['POSTHORN_LEDGER_TABLE', ''],
    ['POSTHORN_INBOX_URL', 'inbox'],
    ['POSTHORN_TARGETS', 'other'],
    ['POSTHORN_TARGETS', '["other"]'],
    ['POSTHORN_TARGETS', JSON.stringify({ ...targets, inboxUrl: 'mesh-{agent}-inbox' })],
    ['POSTHORN_TARGETS', JSON.stringify({ ...targets, inboxUrl: url('mesh-inbox') })],
    ['POSTHORN_TARGETS', JSON.stringify({ ...targets, agents: [''] })],
    ['POSTHORN_MAX_RECEIVES', '1'],
    ['POSTHORN_MAX_RECEIVES', 'ten'],
    ['POSTHORN_MAX_RECEIVES', '2.5'],
    ['POSTHORN_JOURNEY_SAMPLING', '1.1'],
    ['POSTHORN_JOURNEY_SAMPLING', '-0.1'],
    ['POSTHORN_JOURNEY_SAMPLING', 'all'],
    ['POSTHORN_JOURNEY_SAMPLING', ''],
    ['POSTHORN_MAX_RECEIVES', ''],
  ])('refuses %s=%s, naming it', (name, value) => {
    expect(() => readEnvironment({ ...variables, [name]: value })).toThrow(name);
  });

  it('names everything that is missing', () => {
    expect(() => readEnvironment({})).toThrow(/AWS_REGION.*POSTHORN_LEDGER_TABLE.*more/s);
  });
});

describe('EnvironmentDirectory', () => {
  const directory = new EnvironmentDirectory(targets, url('replies'));

  it('knows the targets of the definition', () => {
    expect(directory.inbox('other')).toBe(url('mesh-other-inbox'));
    expect(directory.inbox('third')).toBe(url('mesh-third-inbox'));
    expect(directory.repliesQueueUrl).toBe(url('replies'));
  });

  it.each(['stranger', '{agent}', 'toString', ''])('does not name %j', (agentId) => {
    expect(directory.names(agentId)).toBe(false);
    expect([directory.names('other'), directory.names('third')]).toEqual([true, true]);
  });

  it('has the inbox of an agent that a definition of before named: its outbox may not be sent yet', () => {
    expect(directory.inbox('former')).toBe(url('mesh-former-inbox'));
  });
});
