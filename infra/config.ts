import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { closestMatch } from 'leven';
import * as z from 'zod';
import { DEFAULT_PREFIX, DEFAULT_STAGE, type MeshName, meshName } from '../events/names.ts';
import type { Authentication } from '../events/registration.ts';
import { OWNER_APP } from '../events/registration.ts';
import { secureUrlFault } from '../events/secure-url.ts';
import { type OidcClient, oidcClientSchema } from '../functions/runtime/aws/oidc-tokens.ts';
import { type AgentAlarmLevels, DEFAULT_ALARM_LEVELS } from './constructs/alarm-levels.ts';
import type { EdgeLimits } from './constructs/edge.ts';
import type { LogLevel } from './constructs/mesh-function.ts';
import { RefusedError } from './refused-error.ts';

/** The settings of a deployment. Stage `prod` has its own defaults; every other stage has those of `dev`. */
export interface Settings extends MeshName {
  /** The app joins the mesh of this prefix and stage, which another app owns, and has no state of its own. @default false */
  readonly join: boolean;
  /** @default 'INFO' */
  readonly logLevel: LogLevel;
  /** A period that CloudWatch Logs offers. @default 14 (dev), 90 (prod) */
  readonly logRetentionDays: number;
  /** The share of journeys in their index, which also has every failure. @default 1 */
  readonly journeySampling: number;
  /** Whether journeys can also be found by trace id: one more index, and one more write unit for each message. @default false */
  readonly traceIndex: boolean;
  /** The share of traces begun here that are exported to `otlpEndpoint`; those of failures always are. @default 1 (dev), 0.1 (prod) */
  readonly traceSampling: number;
  /** The OTLP/HTTP endpoint to which agents export their spans; `/v1/traces` is added to it unless it ends so. @default none */
  readonly otlpEndpoint: string | undefined;
  /**
   * The name of the SSM parameter (SecureString) that has the headers of requests to `otlpEndpoint`, a JSON object of strings by header name.
   * @default none; CloudWatch's own endpoint gets a signature of the agent's role
   */
  readonly otlpHeadersParameter: string | undefined;
  /** Keeps queues, ledger, content and logs when stacks are deleted; protects stacks and ledger. @default false (dev), true (prod) */
  readonly retainState: boolean;
  /** The mail address that subscribes to the alert topic. Only the app that owns the mesh may set it. @default none */
  readonly alertEmail: string | undefined;
  /** How often the probe takes a snapshot of each agent. Only the app that owns the mesh may set it. @default 1 */
  readonly probeMinutes: number;
  /** Adds the mesh's dashboard to CloudWatch. Only the app that owns the mesh may set it. @default true */
  readonly dashboard: boolean;
  /** @default the defaults of each level (prod); in dev the inbox warns at 900 seconds and at 1000 messages */
  readonly alarms: AgentAlarmLevels;
  /**
   * How agents authenticate their senders: `iam`, by the role that SQS stamps on a message; `jwt`, by that and a token; or `none`, not at
   * all, for emulators that stamp all messages alike.
   * @default 'iam'
   */
  readonly authentication: Authentication;
  /** The identity provider that issues tokens to agents, with `authentication: 'jwt'`. @default AWS issues them, to each agent's role */
  readonly tokens: OidcClient | undefined;
  /** Allows `authentication: 'jwt'` without issuers in this app's policy, because another stack registers them. @default false */
  readonly issuersElsewhere: boolean;
  /** ARNs of roles and users that the inboxes admit without the tag `posthorn:mesh`, with `*` as in IAM. @default none */
  readonly untaggedSenders: readonly string[];
  /** The name of an app that joins a mesh. Its agents may send to each other by `sendsTo`. @default each agent is an app of its own */
  readonly appName: string | undefined;
  /**
   * The limits of the mesh's REST API, or `false` for a mesh without one. Only the app that owns the mesh may set it.
   * @default 20 requests a second, 40 at once
   */
  readonly edge: EdgeLimits | false;
  /** By agent id: values of variables that its definition declares. @default {} */
  readonly agentEnvironment: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type StageDefaults = Pick<Settings, 'logLevel' | 'logRetentionDays' | 'traceSampling' | 'retainState' | 'alarms'>;

/** Every stage except `prod` is for trying things out. */
const defaults: { readonly dev: StageDefaults; readonly prod: StageDefaults } = {
  dev: {
    logLevel: 'INFO',
    logRetentionDays: 14,
    traceSampling: 1,
    retainState: false,
    alarms: {
      ...DEFAULT_ALARM_LEVELS,
      oldestMessageAgeSeconds: { warning: 900 },
      inboxDepth: { warning: 1_000 },
    },
  },
  prod: { logLevel: 'INFO', logRetentionDays: 90, traceSampling: 0.1, retainState: true, alarms: DEFAULT_ALARM_LEVELS },
};

/** Rates are those of the last minutes: a longer interval has none. */
const MAX_PROBE_MINUTES = 60;

const retentionDays = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days !== RetentionDays.INFINITE);

const levels = z
  .strictObject({ warning: z.number().nonnegative().optional(), critical: z.number().nonnegative().optional() })
  .describe('an object with a number of 0 or more for warning, critical or both')
  .optional();

const namePart = (part: keyof MeshName) =>
  z.string().refine((value) => {
    try {
      return meshName({ [part]: value })[part] === value;
    } catch {
      return false;
    }
  });

/** The one list of Posthorn's context keys, each with a description of the allowed values. */
const contextSchema = z.strictObject({
  prefix: namePart('prefix').default(DEFAULT_PREFIX).describe('2 to 14 lower-case letters and digits'),
  stage: namePart('stage').default(DEFAULT_STAGE).describe('1 to 12 lower-case letters and digits'),
  join: z.boolean().default(false).describe('true or false'),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).optional().describe('DEBUG, INFO, WARN or ERROR'),
  logRetentionDays: z
    .number()
    .refine((days) => retentionDays.includes(days))
    .optional()
    .describe(`one of the periods of CloudWatch Logs in days: ${retentionDays.join(', ')}`),
  journeySampling: z.number().min(0).max(1).default(1).describe('a number from 0 to 1'),
  traceIndex: z.boolean().default(false).describe('true or false'),
  traceSampling: z.number().min(0).max(1).optional().describe('a number from 0 to 1'),
  otlpEndpoint: z
    .string()
    .refine((endpoint) => secureUrlFault(endpoint) === undefined)
    .optional()
    .describe('an https URL; http is for 127.0.0.1 and localhost only'),
  otlpHeadersParameter: z
    .string()
    .regex(/^[a-zA-Z0-9_./-]+$/)
    .optional()
    .describe('the name of an SSM parameter'),
  retainState: z.boolean().optional().describe('true or false'),
  alertEmail: z.email().optional().describe('an e-mail address'),
  probeMinutes: z.int().min(1).max(MAX_PROBE_MINUTES).optional().describe(`a whole number from 1 to ${MAX_PROBE_MINUTES}`),
  dashboard: z.boolean().optional().describe('true or false'),
  alarms: z
    .strictObject({ deadLetterDepth: levels, errorDepth: levels, oldestMessageAgeSeconds: levels, inboxDepth: levels })
    .partial()
    .optional()
    .describe('a JSON object of alarm levels, e.g. {"inboxDepth":{"warning":1000}}'),
  authentication: z.enum(['iam', 'jwt', 'none']).default('iam').describe('iam, jwt or none'),
  tokens: z
    .custom<OidcClient>((value) => {
      const { data } = oidcClientSchema.safeParse(value);
      // With plain http, others on the network could read the client's secret.
      return data !== undefined && secureUrlFault(data.tokenUrl) === undefined;
    })
    .optional()
    .describe('a JSON object with tokenUrl (https), clientId, secretParameter and, if needed, scope'),
  issuersElsewhere: z.boolean().default(false).describe('true or false'),
  untaggedSenders: z.array(z.string().startsWith('arn:')).default([]).describe('a JSON array of ARNs'),
  appName: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,47}$/)
    .refine((name) => name !== OWNER_APP)
    .optional()
    .describe(`2 to 48 lower-case letters, digits and hyphens, and not '${OWNER_APP}', the app that owns the mesh`),
  edge: z
    .union([
      z.literal(false),
      z.strictObject({ requestsPerSecond: z.number().positive().optional(), burst: z.number().int().positive().optional() }),
    ])
    .optional()
    .describe('false, or a JSON object of limits, e.g. {"requestsPerSecond":20,"burst":40}'),
  agentEnvironment: z
    .record(z.string(), z.record(z.string(), z.string()))
    .default({})
    .describe('a JSON object of strings by variable by agent id, e.g. {"my-agent":{"SOME_URL":"https://example.com"}}'),
});

type Key = keyof typeof contextSchema.shape;

const isKey = (name: string): name is Key => Object.hasOwn(contextSchema.shape, name);

/** Settings that are plain text. `-c` passes the others, numbers, booleans and objects, as JSON. */
const textKeys: ReadonlySet<string> = new Set<Key>([
  'prefix',
  'stage',
  'logLevel',
  'alertEmail',
  'authentication',
  'appName',
  'otlpEndpoint',
  'otlpHeadersParameter',
]);

/** What only the app that owns the mesh may set, and what of the mesh it concerns. */
const OWNERS_SETTINGS = [
  ['alertEmail', 'the alert topic'],
  ['probeMinutes', 'the probe'],
  ['dashboard', 'the dashboard'],
  ['edge', 'the REST API'],
] as const;

/** The largest edit distance of a misspelt setting. */
const MAX_EDITS = 2;

/** The app's other keys and the CDK's are not settings, unless they look like one that is misspelt. */
const isOurs = (name: string): boolean =>
  isKey(name) || closestMatch(name, Object.keys(contextSchema.shape), { maxDistance: MAX_EDITS }) !== undefined;

const fromCommandLine = (name: string, value: unknown): unknown => {
  if (textKeys.has(name) || typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

const kindOf = (value: unknown): string => {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
};

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), value);

/** Names the kind of a refused value and never the value: a setting may be a secret, and CI keeps its logs. */
function problemOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): readonly string[] {
  const [key = '', ...rest] = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = key === '' ? `known are ${Object.keys(contextSchema.shape).join(', ')}` : `allowed is ${allowed(key)}`;
    return issue.keys.map((name) => `setting '${[key, ...rest, name].filter(Boolean).join('.')}' is unknown: ${known}`);
  }
  return [`setting '${[key, ...rest].join('.')}' is ${kindOf(at(given, issue.path))} that is not valid: allowed is ${allowed(key)}`];
}

const allowed = (key: string): string => (isKey(key) ? (contextSchema.shape[key].description ?? key) : 'nothing');

/**
 * Reads the settings from the app's context (`-c name=value`, or `context` in cdk.json). Numbers, booleans and objects are JSON.
 * Other keys are the app's own.
 *
 * @throws RefusedError naming each misspelt setting, each bad value by its setting, its kind and the allowed values, and a setting that
 *   an app cannot have if it joins a mesh
 * @example
 * ```ts
 * await runApp((app) => {
 *   const { stage } = readSettings(app.node.getAllContext()); // cdk deploy -c stage=prod -c journeySampling=0.5
 *   new MeshStack(app, { name: { stage } });
 * });
 * ```
 */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const given = Object.fromEntries(
    Object.entries(context)
      .filter(([name]) => isOurs(name))
      .map(([name, value]) => [name, fromCommandLine(name, value)]),
  );
  const parsed = contextSchema.safeParse(given);
  if (!parsed.success) {
    throw new RefusedError(
      parsed.error.issues.flatMap((issue) => problemOf(issue, given)),
      { cause: parsed.error },
    );
  }
  const {
    prefix,
    stage,
    join,
    alarms,
    alertEmail,
    journeySampling,
    traceIndex,
    probeMinutes,
    dashboard,
    edge,
    agentEnvironment,
    authentication,
    tokens,
    issuersElsewhere,
    untaggedSenders,
    appName,
    otlpEndpoint,
    otlpHeadersParameter,
    ...own
  } = parsed.data;
  const misplaced = join ? OWNERS_SETTINGS.filter(([key]) => parsed.data[key] !== undefined) : [];
  if (misplaced.length > 0)
    throw new RefusedError(
      misplaced.map(
        ([key, what]) => `setting '${key}': ${what} belongs to the app that owns the mesh; set it in that app, or remove 'join'`,
      ),
    );
  if (!join && appName !== undefined)
    throw new RefusedError([
      `setting 'appName': the app that owns the mesh registers as '${OWNER_APP}'; set it only in apps with 'join', or remove it`,
    ]);
  if (otlpHeadersParameter !== undefined && otlpEndpoint === undefined)
    throw new RefusedError(["setting 'otlpHeadersParameter': there is no endpoint for these headers; set otlpEndpoint, or remove it"]);
  const base = stage === 'prod' ? defaults.prod : defaults.dev;
  return {
    prefix,
    stage,
    join,
    logLevel: own.logLevel ?? base.logLevel,
    logRetentionDays: own.logRetentionDays ?? base.logRetentionDays,
    journeySampling,
    traceIndex,
    traceSampling: own.traceSampling ?? base.traceSampling,
    otlpEndpoint,
    otlpHeadersParameter,
    retainState: own.retainState ?? base.retainState,
    alertEmail,
    probeMinutes: probeMinutes ?? 1,
    dashboard: dashboard ?? true,
    alarms: {
      deadLetterDepth: alarms?.deadLetterDepth ?? base.alarms.deadLetterDepth,
      errorDepth: alarms?.errorDepth ?? base.alarms.errorDepth,
      oldestMessageAgeSeconds: alarms?.oldestMessageAgeSeconds ?? base.alarms.oldestMessageAgeSeconds,
      inboxDepth: alarms?.inboxDepth ?? base.alarms.inboxDepth,
    },
    authentication,
    tokens,
    issuersElsewhere,
    untaggedSenders,
    appName,
    edge: edge ?? {},
    agentEnvironment,
  };
}
