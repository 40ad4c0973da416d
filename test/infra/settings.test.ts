import { describe, expect, test } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { RefusedError, readSettings } from '../../infra/index.ts';
import { synthesizeFixture } from './fixture-mesh.ts';

const TOKENS = 'a JSON object with tokenUrl (https), clientId, secretParameter and, if needed, scope';
const TOKENS_CLIENT = { tokenUrl: 'https://idp.example.com/token', clientId: 'mesh', secretParameter: '/mesh/client' };
const withTokens = (change: object): string => JSON.stringify({ ...TOKENS_CLIENT, ...change });

const refusal = (context: Readonly<Record<string, unknown>>): string => {
  try {
    readSettings(context);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('settings that are left out', () => {
  test('are those of dev', () => {
    expect(readSettings({})).toMatchObject({
      prefix: 'posthorn',
      stage: 'dev',
      join: false,
      logLevel: 'INFO',
      logRetentionDays: 14,
      journeySampling: 1,
      traceIndex: false,
      retainState: false,
      probeMinutes: 1,
      dashboard: true,
      cloudWatch: true,
      authentication: 'iam',
      tokens: undefined,
      issuersElsewhere: false,
      untaggedSenders: [],
      agentEnvironment: {},
    });
  });

  test('are those of the stage', () => {
    expect(readSettings({ stage: 'prod' })).toMatchObject({ stage: 'prod', logRetentionDays: 90, journeySampling: 1, retainState: true });
  });
});

describe('settings that are given', () => {
  test('are the same as text from the command line and as values from cdk.json', () => {
    const values = {
      stage: 'prod',
      logLevel: 'WARN',
      logRetentionDays: 30,
      journeySampling: 0,
      traceIndex: true,
      retainState: false,
      alertEmail: 'on-call@example.com',
      probeMinutes: 5,
      dashboard: false,
      cloudWatch: true,
      alarms: { inboxDepth: { critical: 7 } },
      agentEnvironment: { asking: { TONE: '1' } },
      authentication: 'jwt',
      tokens: { tokenUrl: 'https://idp.example.com/token', clientId: 'mesh', secretParameter: '/mesh/client', scope: 'send' },
      issuersElsewhere: true,
      untaggedSenders: ['arn:aws:iam::111122223333:role/orders'],
      otlpEndpoint: 'https://otlp.example.com/team',
      otlpHeadersParameter: '/acme/otlp-headers',
    };
    const text = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    );

    expect(readSettings(text)).toEqual(readSettings(values));
    expect(readSettings(text)).toMatchObject({ ...values, alarms: { inboxDepth: { critical: 7 }, deadLetterDepth: { critical: 0 } } });
  });

  test.each([
    ['stage', 'pr-142', "setting 'stage' is a string that is not valid: allowed is 1 to 12 lower-case letters and digits"],
    ['logLevel', 3, "setting 'logLevel' is a number that is not valid: allowed is DEBUG, INFO, WARN or ERROR"],
    [
      'logRetentionDays',
      '15',
      "setting 'logRetentionDays' is a number that is not valid: allowed is one of the periods of CloudWatch Logs",
    ],
    ['logRetentionDays', 'long', "setting 'logRetentionDays' is a string that is not valid"],
    ['journeySampling', '1.5', "setting 'journeySampling' is a number that is not valid: allowed is a number from 0 to 1"],
    ['journeySampling', '', "setting 'journeySampling' is an empty string that is not valid"],
    ['traceIndex', 'yes', "setting 'traceIndex' is a string that is not valid: allowed is true or false"],
    ['retainState', 'yes', "setting 'retainState' is a string that is not valid: allowed is true or false"],
    ['edge', 'true', "setting 'edge' is a boolean that is not valid: allowed is false, or a JSON object of limits"],
    ['edge', '{"burst":0}', "setting 'edge"],
    ['edge', '{"rate":5}', "setting 'edge"],
    ['alertEmail', 'nobody', "setting 'alertEmail' is a string that is not valid: allowed is an e-mail address"],
    ['probeMinutes', '0', "setting 'probeMinutes' is a number that is not valid: allowed is a whole number from 1 to 60"],
    ['probeMinutes', '1.5', "setting 'probeMinutes' is a number that is not valid: allowed is a whole number from 1 to 60"],
    ['probeMinutes', '61', "setting 'probeMinutes' is a number that is not valid: allowed is a whole number from 1 to 60"],
    ['probeMinutes', 'often', "setting 'probeMinutes' is a string that is not valid: allowed is a whole number from 1 to 60"],
    ['dashboard', 'no', "setting 'dashboard' is a string that is not valid: allowed is true or false"],
    ['alarms', '{"inboxDepth":{"warning":-1}}', "setting 'alarms.inboxDepth.warning' is a number that is not valid"],
    ['alarms', '{"inboxDepth":{"warnin":1}}', "setting 'alarms.inboxDepth.warnin' is unknown"],
    ['agentEnvironment', '{bad', "setting 'agentEnvironment' is a string that is not valid: allowed is a JSON object"],
    ['agentEnvironment', '["x"]', "setting 'agentEnvironment' is an array that is not valid"],
    ['agentEnvironment', '{"asking":{"TONE":3}}', "setting 'agentEnvironment.asking.TONE' is a number that is not valid"],
    ['prefix', 'acme-mesh', "setting 'prefix' is a string that is not valid: allowed is 2 to 14 lower-case letters and digits"],
    ['join', 'posthorn', "setting 'join' is a string that is not valid: allowed is true or false"],
    ['authentication', 'token', "setting 'authentication' is a string that is not valid: allowed is iam, jwt or none"],
    ['tokens', 'https://idp.example.com/token', `setting 'tokens' is a string that is not valid: allowed is ${TOKENS}`],
    ['tokens', withTokens({ secretParameter: undefined }), `setting 'tokens' is an object that is not valid: allowed is ${TOKENS}`],
    ['tokens', withTokens({ clientId: '' }), "setting 'tokens' is an object that is not valid"],
    ['tokens', withTokens({ scope: ['send'] }), "setting 'tokens' is an object that is not valid"],
    ['tokens', withTokens({ tokenUrl: 'idp.example.com' }), "setting 'tokens' is an object that is not valid"],
    ['tokens', withTokens({ tokenUrl: 'http://idp.example.com/token' }), "setting 'tokens' is an object that is not valid"],
    ['tokens', withTokens({ clientSecret: 'hunter2' }), "setting 'tokens' is an object that is not valid"],
    ['token', withTokens({}), "setting 'token' is unknown: known are prefix"],
    ['issuersElsewhere', 'yes', "setting 'issuersElsewhere' is a string that is not valid: allowed is true or false"],
    ['untaggedSenders', '["AROAEXAMPLE"]', "setting 'untaggedSenders.0' is a string that is not valid: allowed is a JSON array of ARNs"],
    [
      'untaggedSenders',
      'arn:aws:iam::1:role/x',
      "setting 'untaggedSenders' is a string that is not valid: allowed is a JSON array of ARNs",
    ],
    ['appName', 'My App', "setting 'appName' is a string that is not valid: allowed is 2 to 48 lower-case letters, digits and hyphens"],
    ['stag', 'prod', "setting 'stag' is unknown: known are prefix, stage, join, logLevel, logRetentionDays"],
  ])('%s=%s is refused by name', (name, value, message) => {
    expect(refusal({ [name]: value })).toContain(message);
  });

  test('may name a provider of tokens behind http on this machine only', () => {
    const tokensAt = (tokenUrl: string) => readSettings({ tokens: withTokens({ tokenUrl }) }).tokens;

    expect(tokensAt('http://127.0.0.1:4000/token')).toMatchObject({ tokenUrl: 'http://127.0.0.1:4000/token' });
    expect(tokensAt('https://idp.example.com/token')).toEqual(TOKENS_CLIENT);
  });

  test('that belong to the app that owns the mesh are refused in one that joins it', () => {
    expect(refusal({ join: true, edge: 'false' })).toBe(
      "setting 'edge': the REST API belongs to the app that owns the mesh; set it in that app, or remove 'join'",
    );
    expect(refusal({ join: true, alertEmail: 'on-call@example.com' })).toBe(
      "setting 'alertEmail': the alert topic belongs to the app that owns the mesh; set it in that app, or remove 'join'",
    );
    expect(refusal({ join: true, probeMinutes: 5, dashboard: true })).toBe(
      "setting 'probeMinutes': the probe belongs to the app that owns the mesh; set it in that app, or remove 'join'\n" +
        "setting 'dashboard': the dashboard belongs to the app that owns the mesh; set it in that app, or remove 'join'",
    );
    expect(refusal({ join: 'true', retainState: 'true' })).toBe('accepted');
  });

  test('are refused all at once, and no value is repeated', () => {
    const tokens = withTokens({ clientSecret: 'hunter2' });
    const message = refusal({ stage: 'Hunter2', journeySampling: 'hunter2', agentEnvironment: '{"asking":"hunter2"}', tokens });

    expect(message.split('\n')).toHaveLength(4);
    expect(message.toLowerCase()).not.toContain('hunter2');
  });
});

test("the CDK's own context and the app's are not taken for settings", () => {
  expect(refusal({ vpcId: 'vpc-1', domain: 'example.com', 'acme:team': 'orders' })).toBe('accepted');
  expect(refusal({ ...cdk.context, 'aws:cdk:bundling-stacks': [] })).toBe('accepted');
});

describe('the environment of an agent', () => {
  test.each([
    [
      '{"asking":{"COLOUR":"red"}}',
      "setting 'agentEnvironment.asking.COLOUR': the agent does not declare this variable; declared are TONE",
    ],
    [
      '{"answering":{"TONE":"x"}}',
      "setting 'agentEnvironment.answering.TONE': the agent does not declare this variable; declared are none",
    ],
    ['{"missing":{}}', "setting 'agentEnvironment.missing': there is no such agent; agents are answering, asking"],
  ])('%s is refused by name', (agentEnvironment, message) => {
    expect(() => synthesizeFixture({ agentEnvironment })).toThrow(new RefusedError([message]));
  });

  test('a value that is still a placeholder is warned of, with the setting that replaces it', () => {
    const warningsFor = (tone: string) => synthesizeFixture({ agentEnvironment: JSON.stringify({ asking: { TONE: tone } }) }).warnings;

    expect(warningsFor('https://tones.example.com/v1')).toEqual([
      [
        'posthorn-dev-agent-asking',
        expect.stringMatching(/^agent 'asking': TONE is the placeholder https:\/\/tones\.example\.com\/v1.*-c agentEnvironment=/),
      ],
    ]);
    expect(warningsFor('https://tones.com/example.com.html')).toEqual([]);
  });
});
