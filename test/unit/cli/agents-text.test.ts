import { expect, test } from 'vitest';
import { detailsText } from '../../../cli/commands/agents/details-text.ts';
import { foundText, seenAgents } from '../../../cli/commands/agents/found-text.ts';
import { listText } from '../../../cli/commands/agents/ls.ts';
import { jsonText } from '../../../cli/print-json.ts';
import type { AgentDetails, AgentSummary, FoundAgent } from '../../../client/index.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

const summary = (agent: string, changes: Partial<AgentSummary> = {}): AgentSummary => ({
  ...{ agent, version: '1.0.0', app: 'mesh', isHealthy: true, reason: undefined, errorShare: 0, isPaused: false },
  ...{ p95Ms: 310, expectedWaitSeconds: 62, at: new Date(NOW - 12_000), capabilities: [{ id: 'sentiment-analysis', weight: 100 }] },
  ...changes,
});

const AGENTS = [
  summary('sentiment-v1'),
  summary('sentiment-v2', {
    ...{ version: '2.0.0-beta.1', isHealthy: false, reason: '12 of 14 attempts failed' },
    capabilities: [
      { id: 'sentiment-analysis', weight: 0 },
      { id: 'summaries', weight: undefined },
    ],
  }),
  summary('new', { p95Ms: undefined, expectedWaitSeconds: undefined, at: undefined, isPaused: undefined, capabilities: [] }),
  summary('waiting', { isPaused: true, expectedWaitSeconds: undefined }),
];

test('a wide list of agents has a line for each', () => {
  const lines = [
    'AGENT         VERSION       HEALTH      P95   WAIT  LAST SEEN  CAPABILITIES                              WHY',
    'sentiment-v1  1.0.0         healthy  310 ms  1m 2s    12s ago  sentiment-analysis (weight 100)',
    'sentiment-v2  2.0.0-beta.1  ejected  310 ms  1m 2s    12s ago  sentiment-analysis (weight 0), summaries  ejected: 12 of 14 attempts failed',
    'new           1.0.0         -             -      -      never',
    'waiting       1.0.0         paused   310 ms      -    12s ago  sentiment-analysis (weight 100)',
  ];

  for (const columns of [undefined, 160]) expect(listText(AGENTS, { nowMs: NOW, columns }).split('\n')).toEqual(lines);
});

test('a list fits 80 columns: what an agent offers, and why it is ejected, is below it', () => {
  const lines = listText(AGENTS, { nowMs: NOW, columns: 80 }).split('\n');

  expect(lines).toEqual([
    'AGENT         VERSION       HEALTH      P95   WAIT  LAST SEEN',
    'sentiment-v1  1.0.0         healthy  310 ms  1m 2s    12s ago',
    '  sentiment-analysis (weight 100)',
    'sentiment-v2  2.0.0-beta.1  ejected  310 ms  1m 2s    12s ago',
    '  sentiment-analysis (weight 0), summaries',
    '  ejected: 12 of 14 attempts failed',
    'new           1.0.0         -             -      -      never',
    'waiting       1.0.0         paused   310 ms      -    12s ago',
    '  sentiment-analysis (weight 100)',
  ]);
});

test('the longest ids and versions fit, and nothing controls the terminal', () => {
  const id = 'a'.repeat(48);
  const hostile = summary(id, {
    ...{ version: `1.0.0-${'x'.repeat(500)}`, isHealthy: false, reason: '\u001b[2J\u202e it\nfailed \u2028' },
    capabilities: Array.from({ length: 9 }, (_, nth) => ({ id: `${'capability-'.repeat(4)}${nth}`, weight: 100 })),
  });

  const text = listText([hostile], { nowMs: NOW, columns: 80 });

  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain('  ejected: \ufffd[2J\ufffd it failed');
  expect(listText([hostile], { nowMs: NOW, columns: undefined })).toContain(id);
});

const found = (agent: string, changes: Partial<FoundAgent> = {}): FoundAgent => ({
  ...{ agent, version: '1.0.0', weight: 100, isHealthy: true, reason: undefined, p95Ms: 310, errorShare: 0.014 },
  ...changes,
});

test('agents that are found have what the latest snapshots say; one without has what its offer says', () => {
  const metrics = { ...summary('sentiment-v1'), at: new Date(NOW - 1_000) };
  const seen = seenAgents(
    [found('sentiment-v1'), found('sentiment-v2', { weight: 0, isHealthy: false, reason: 'it is slow', errorShare: undefined })],
    [metrics],
  );

  expect(foundText(seen, { nowMs: NOW, columns: 80 }).split('\n')).toEqual([
    'AGENT         VERSION  HEALTH   WEIGHT     P95   WAIT  ERRORS  LAST SEEN',
    'sentiment-v1  1.0.0    healthy     100  310 ms  1m 2s      1%     1s ago',
    'sentiment-v2  1.0.0    ejected       0  310 ms      -       -      never',
    '  ejected: it is slow',
  ]);
});

const DETAILS: AgentDetails = {
  ...summary('sentiment-v2', { version: '2.0.0', errorShare: 0.25 }),
  description: 'Says how a text sounds, and in which of the languages that it knows it is written, as far as it can tell.',
  capabilities: [
    {
      rollout: {
        ...{ to: 'sentiment-v2', version: '2.0.0', steps: [40, 100], everySeconds: 300, startedAt: NOW - 90_000, step: 0 },
        ...{ since: NOW - 90_000, before: {}, state: 'running' },
      },
      ...{ id: 'sentiment-analysis', name: 'Sentiment', description: 'Rates a text.', tags: ['text', 'mood'], weight: 40 },
      ...{ examples: ['How does "Lovely." sound?'], isHealthy: false, reason: '12 of 14 attempts failed' },
    },
    {
      id: 'summaries',
      name: undefined,
      description: undefined,
      tags: [],
      examples: [],
      weight: undefined,
      isHealthy: true,
      reason: undefined,
      rollout: undefined,
    },
  ],
  ...{ sendsTo: ['billing', 'shipping'], calls: [], receivesReplies: true, concurrency: 10, latencyGoalSeconds: 90, authentication: 'jwt' },
  actions: { rate: { types: ['text.received'], allow: ['reader'] }, forget: { types: [], allow: [] } },
  queues: {
    inbox: { visible: 12, inFlight: 3, delayed: 1 },
    errors: { visible: 0, inFlight: 0, delayed: 0 },
    deadLetters: { visible: 2, inFlight: 0, delayed: 0 },
  },
};

const surroundings = { nowMs: NOW, columns: 80, flags: '--stage prod' };

test('an agent is shown with everything about it, in 80 columns', () => {
  expect(detailsText(DETAILS, surroundings).split('\n')).toEqual([
    "sentiment-v2 2.0.0, deployed by the app 'mesh'",
    '  Says how a text sounds, and in which of the languages that it knows it is',
    '  written, as far as it can tell.',
    '',
    '  health          healthy',
    '  last seen       12s ago',
    '  p95             310 ms of waiting and handling',
    '  wait            1m 2s for a message that is sent now',
    '  failed          25% of attempts',
    '  inbox           12 waiting, 3 in flight, 1 delayed',
    '  error queue     0 waiting, 0 in flight',
    '  dead letters    2 waiting, 0 in flight',
    '  concurrency     10',
    '  latency goal    1m 30s of waiting at most',
    '  authentication  jwt',
    '  sends to        billing, shipping',
    '  calls           none',
    '  replies         of every agent',
    '  actions         rate: types text.received; roles reader',
    '                  forget: types none; roles none',
    '',
    'Capabilities:',
    '  sentiment-analysis, weight 40, ejected: 12 of 14 attempts failed',
    '    Rollout: running: 40% to sentiment-v2, step 1 of 2 (40, 100), since 1m 30s,',
    '      for 5m at least',
    '    Sentiment: Rates a text.',
    '    Tags: text, mood',
    '    Example: How does "Lovely." sound?',
    '  summaries, no weight yet',
  ]);
});

test('an agent without card and snapshot is shown, and a paused one with the command that resumes it', () => {
  const nothing = { p95Ms: undefined, expectedWaitSeconds: undefined, errorShare: undefined, at: undefined, queues: undefined };
  const lines = detailsText({ ...DETAILS, ...nothing, app: undefined, description: undefined, isPaused: true }, surroundings).split('\n');

  expect(lines.slice(0, 2)).toEqual(['sentiment-v2 2.0.0', '  It has no card: deploy its stack with this version for descriptions.']);
  for (const line of [
    '  health          paused',
    '  last seen       never',
    '  p95             - of waiting and handling',
    '  inbox           -',
    '  npx posthorn resume sentiment-v2 --stage prod',
  ])
    expect(lines).toContain(line);
});

test('what an agent says of itself does not control the terminal, and no text is a line of its own', () => {
  const hostile = '\u001b[2J\u202eevil\n  health          healthy\u2028\ud800 📯';
  const [capability] = DETAILS.capabilities;
  const text = detailsText(
    {
      ...{ ...DETAILS, description: hostile, app: hostile },
      capabilities:
        capability === undefined ? [] : [{ ...capability, name: hostile, description: hostile, tags: [hostile], examples: [hostile] }],
    },
    { ...surroundings, columns: undefined },
  );

  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u);
  expect(text.split('\n').filter((line) => line.startsWith('  health '))).toEqual(['  health          healthy']);
  expect(text).toContain('📯');
  expect(
    detailsText({ ...DETAILS, description: 'word '.repeat(200_000) }, surroundings)
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

test('a card is JSON over several lines in which nothing controls the terminal', () => {
  const card = { description: 'a\nb\u001b[2J\u202e 📯', skills: [{ id: 'x' }] };
  const text = jsonText(card);

  expect(text.split('\n')[1]).toBe('  "description": "a\\nb\\u001b[2J\\u202e 📯",');
  expect(JSON.parse(text)).toEqual(card);
});
