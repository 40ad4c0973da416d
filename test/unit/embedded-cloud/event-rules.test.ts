import { expect, onTestFinished, test, vi } from 'vitest';
import type { AsyncInvocation } from '../../../local/lambda/async-invocations.ts';
import { EventRules } from '../../../local/lambda/event-rules.ts';
import type { DeployedFunction, DeployedRule } from '../../../local/template/deployed.ts';

const place = { endpoint: 'http://127.0.0.1:4566', region: 'us-east-1', accountId: '000000000000' };
const target = (name: string): DeployedFunction => ({
  ...{ name, arn: `arn:function:${name}`, roleArn: 'arn:role', codeDirectory: '/', codeKey: 'k', handler: 'index.handler' },
  ...{ timeoutSeconds: 3, memoryMegabytes: 128, environment: {}, logging: { format: 'JSON', level: 'INFO', group: 'g' } },
});
const rule = (name: string, more: Partial<DeployedRule>): DeployedRule => ({
  ...{ name, arn: `arn:rule:${name}`, targets: [{ id: 'T', function: target(name) }] },
  ...more,
});
const change = (name: string) => ({ source: 'aws.ssm', detailType: 'Parameter Store Change', resources: ['arn:p'], detail: { name } });

function startRules() {
  vi.useFakeTimers();
  vi.setSystemTime(new Date('2026-11-26T05:00:00.123Z'));
  onTestFinished(() => void vi.useRealTimers());
  const invoked: AsyncInvocation[] = [];
  const rules = new EventRules(place, (invocation) => invoked.push(invocation));
  return { rules, names: () => invoked.splice(0).map(({ functionName }) => functionName), invoked };
}

test('a schedule begins at once, then follows its period, until it is replaced or stopped', () => {
  const { rules, names } = startRules();

  rules.deploy('app', [rule('often', { everyMs: 60_000 }), rule('rarely', { everyMs: 40 * 86_400_000 })]);
  expect(names()).toEqual(['often', 'rarely']);
  vi.advanceTimersByTime(180_000);
  expect(names()).toEqual(['often', 'often', 'often']);

  rules.deploy('other', [rule('guest', { everyMs: 300_000 })]);
  expect(names()).toEqual(['guest']);
  rules.deploy('app', []);
  vi.advanceTimersByTime(300_000);
  expect(names()).toEqual(['guest']);

  rules.stop();
  vi.advanceTimersByTime(3_000_000);
  expect(names()).toEqual([]);
});

test('an event has EventBridge’s form, and a target’s input replaces it', () => {
  const { rules, invoked } = startRules();
  const pattern = { source: ['aws.ssm'] };
  rules.deploy('app', [
    rule('whole', { pattern }),
    rule('fixed', { pattern, targets: [{ id: 'T', function: target('fixed'), input: '{"a":1}' }] }),
  ]);

  rules.emit(change('/a'));

  expect(invoked.map(({ origin, functionArn, event }) => [origin, functionArn, JSON.parse(event)])).toEqual([
    [
      'rule whole',
      'arn:function:whole',
      {
        ...{ version: '0', id: expect.stringMatching(/^[0-9a-f-]{36}$/), 'detail-type': 'Parameter Store Change', source: 'aws.ssm' },
        ...{ account: '000000000000', time: '2026-11-26T05:00:00Z', region: 'us-east-1', resources: ['arn:p'], detail: { name: '/a' } },
      },
    ],
    ['rule fixed', 'arn:function:fixed', { a: 1 }],
  ]);
});

test('events that are held back go to the rules of after the deployment, in their order', () => {
  const { rules, invoked } = startRules();
  const byName = (name: string, prefix: string) => rule(name, { pattern: { detail: { name: [{ prefix }] } } });
  rules.deploy('app', [byName('old', '/')]);

  rules.hold();
  rules.emit(change('/a'));
  rules.emit(change('/b'));
  expect(invoked).toEqual([]);
  rules.deploy('app', [byName('new', '/')]);
  rules.release();

  expect(invoked.map(({ functionName, event }) => [functionName, JSON.parse(event).detail.name])).toEqual([
    ['new', '/a'],
    ['new', '/b'],
  ]);
});
