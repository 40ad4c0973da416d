import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { roleId } from '../../../local/template/role-id.ts';
import { POLICY } from '../mesh/trust/policy.ts';
import { TrustingMesh } from '../mesh/trust/trusting-mesh.ts';
import { posthorn } from './world.ts';

let trusting: TrustingMesh;

beforeAll(async () => {
  trusting = await TrustingMesh.start();
});
afterAll(() => trusting[Symbol.asyncDispose]());

const policy = (...args: string[]) => posthorn(['policy', ...args, '--endpoint-url', trusting.endpoint], { env: { NO_COLOR: '1' } });

describe.concurrent('posthorn policy explain', () => {
  test('answers yes, by which rule and as which source', async () => {
    const { code, stdout, stderr } = await policy('explain', 'producer:shop', 'archive', 'document.uploaded');

    expect(stdout.split('\n')).toEqual([
      "yes - producer:shop may do 'file' at 'archive'",
      '  rule        role:customer',
      "  type        messages of type 'document.uploaded' ask for 'file'",
      '  sources     https://shop.example.com/*',
      '',
    ]);
    expect([code, stderr]).toEqual([0, '']);
  });

  test('answers no with the exit code 1, and what is allowed', async () => {
    const { code, stdout, stderr } = await policy('explain', 'producer:shop', 'archive', 'purge');

    expect(stdout.split('\n')).toEqual([
      "no - producer:shop may not do 'purge' at 'archive': no rule allows it",
      '  allowed     file, handle',
      '',
    ]);
    expect([code, stderr]).toEqual([1, '']);
  });

  test('knows a sender by what SQS stamps, and an agent by its own app', async () => {
    const producer = await policy('explain', `${roleId('portal')}:session-1`, 'archive');
    const agent = await policy('explain', 'agent:scanner', 'archive', 'purge');

    expect(producer.stdout).toMatch(/^yes - producer:portal may do 'handle' at 'archive'\n/);
    expect(agent.stdout).toMatch(/^yes - agent:scanner may do 'purge' at 'archive'\n {2}rule +sendsTo\n/);
  });

  test('has the same answer as JSON', async () => {
    const yes = await policy('explain', 'producer:portal', 'archive', '--json');
    const no = await policy('explain', 'producer:nobody', 'archive', 'order.placed', '--json');

    expect(JSON.parse(yes.stdout)).toEqual({
      sender: 'producer:portal',
      agent: 'archive',
      asked: 'handle',
      action: 'handle',
      allowed: true,
      rule: 'role:customer',
      reason: "producer:portal may do 'handle' at 'archive'",
      principal: 'producer:portal',
      sources: ['https://portal.example.com/*'],
      onBehalfOf: true,
    });
    expect(JSON.parse(no.stdout)).toMatchObject({
      asked: 'order.placed',
      action: 'handle',
      allowed: false,
      rule: null,
      principal: null,
      reason: 'producer:nobody is not registered in the mesh',
    });
    expect([yes.code, no.code]).toEqual([0, 1]);
  });

  test('suggests the closest sender', async () => {
    const { code, stdout } = await policy('explain', 'producer:shpo', 'archive');

    expect(stdout).toMatch(/^no - producer:shpo is not registered in the mesh\n {2}note +did you mean 'producer:shop'\?\n/);
    for (const { id } of POLICY.producers) expect(stdout).toContain(`producer:${id}`);
    expect(code).toBe(1);
  });

  test('suggests the closest agent', async () => {
    const { code, stdout, stderr } = await policy('explain', 'producer:shop', 'archiv');

    expect(stderr).toContain("agent 'archiv' is not registered in mesh posthorn-dev\nDid you mean 'archive'? Its agents: archive, ");
    expect([code, stdout]).toEqual([1, '']);
  });

  test.each([
    ['sender', ['', 'archive'], 'is empty'],
    ['agent', ['producer:shop', 'a\u001b[2Jb'], 'has control characters or line breaks'],
    ['action', ['producer:shop', 'archive', 'x'.repeat(10_240)], 'has 10,240 characters, more than any name in a registry'],
  ])('refuses a %s that names nothing', async (name, args, problem) => {
    const { code, stdout, stderr } = await policy('explain', ...args);

    expect(stderr).toBe(`posthorn: <${name}> ${problem}\n'posthorn policy matrix' lists what is registered.\n`);
    expect([code, stdout]).toEqual([1, '']);
  });
});

describe.concurrent('posthorn policy matrix', () => {
  test('lists who may do what at which agent', async () => {
    const { code, stdout, stderr } = await policy('matrix');
    const lines = stdout.split('\n');

    expect(lines[0]).toMatch(/^AGENT +SENDER +ACTIONS +RULE$/);
    expect(lines).toContain('archive    agent:scanner       *              sendsTo');
    expect(lines).toContain('archive    producer:shop       file, handle   role:customer');
    expect(lines).toContain('archive    producer:helpdesk   redrive        role:support');
    expect(stdout).not.toContain('kiosk');
    expect([code, stderr]).toEqual([0, '']);
  });

  test('has a line of JSON for each action', async () => {
    const { stdout } = await policy('matrix', '--json');
    const rows = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

    expect(rows).toContainEqual({ agent: 'archive', sender: 'producer:shop', action: 'file', rule: 'role:customer' });
    expect(rows).toContainEqual({ agent: 'archive', sender: 'producer:shop', action: 'handle', rule: 'role:customer' });
    expect(rows.map(({ agent }) => agent)).toEqual(rows.map(({ agent }) => agent).sort());
  });
});

test.each([[['matrix']], [['explain', 'producer:shop', 'archive']]])('%j names the remedy where the mesh has no registry', async (args) => {
  const cloud = await EmbeddedCloud.start({ port: 0 });
  try {
    const { code, stdout, stderr } = await posthorn(['policy', ...args, '--endpoint-url', cloud.endpoint], { env: { NO_COLOR: '1' } });

    expect(stderr.split('\n')).toEqual([
      "posthorn: mesh posthorn-dev has no registry: there is no table 'posthorn-dev-registry'",
      'If a version of Posthorn without a registry deployed the mesh, deploy its stacks again. ' +
        'Otherwise check --stage, --prefix, --region and --endpoint-url.',
      '',
    ]);
    expect([code, stdout]).toEqual([1, '']);
  } finally {
    await cloud.stop();
  }
});
