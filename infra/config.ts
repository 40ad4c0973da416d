import { closestMatch } from 'leven';
import type * as z from 'zod/mini';
import type { Authentication } from '../events/authentication.ts';
import type { MeshName } from '../events/names.ts';
import { OWNER_APP } from '../events/registration.ts';
import type { OidcClient } from '../functions/runtime/aws/oidc-client.ts';
import { type AgentAlarmLevels, DEFAULT_ALARM_LEVELS } from './constructs/alarm-levels.ts';
import type { EdgeAuthentication, EdgeLimits } from './constructs/edge.ts';
import type { LogLevel } from './constructs/mesh-function.ts';
import { RefusedError } from './refused-error.ts';
import { allowedIn, isSetting, SETTING_NAMES, type SettingName, settingsSchema } from './settings-schema.ts';

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
  /** Whether there are alarms, a dashboard, metric filters and saved queries; `false` for emulators that lack them. @default true */
  readonly cloudWatch: boolean;
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
  /**
   * Allows `jwt` as `authentication` and `edgeAuthentication` without issuers in this app's policy, because another stack registers them.
   * @default false
   */
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
  /**
   * How the mesh's REST API authenticates requests: `iam`, by a signature of IAM; or `jwt`, by a token of an issuer of the policy. Only the
   * app that owns the mesh may set it.
   * @default 'iam'
   */
  readonly edgeAuthentication: EdgeAuthentication;
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

/** Settings that are plain text. `-c` passes the others, numbers, booleans and objects, as JSON. */
const textKeys: ReadonlySet<string> = new Set<SettingName>([
  'prefix',
  'stage',
  'logLevel',
  'alertEmail',
  'authentication',
  'edgeAuthentication',
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
  ['edgeAuthentication', 'the REST API'],
] as const;

/** The largest edit distance of a misspelt setting. */
const MAX_EDITS = 2;

/** The app's other keys and the CDK's are not settings, unless they look like one that is misspelt. */
const isOurs = (name: string): boolean => isSetting(name) || closestMatch(name, SETTING_NAMES, { maxDistance: MAX_EDITS }) !== undefined;

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
    const known = key === '' ? `known are ${SETTING_NAMES.join(', ')}` : `allowed is ${allowedIn(key)}`;
    return issue.keys.map((name) => `setting '${[key, ...rest, name].filter(Boolean).join('.')}' is unknown: ${known}`);
  }
  return [`setting '${[key, ...rest].join('.')}' is ${kindOf(at(given, issue.path))} that is not valid: allowed is ${allowedIn(key)}`];
}

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
  const parsed = settingsSchema.safeParse(given);
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
    cloudWatch,
    edge,
    edgeAuthentication,
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
  if (edge === false && edgeAuthentication !== undefined)
    throw new RefusedError(["setting 'edgeAuthentication': with edge false the mesh has no REST API; remove one of the two"]);
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
    cloudWatch,
    alarms: cloudWatch
      ? {
          deadLetterDepth: alarms?.deadLetterDepth ?? base.alarms.deadLetterDepth,
          errorDepth: alarms?.errorDepth ?? base.alarms.errorDepth,
          oldestMessageAgeSeconds: alarms?.oldestMessageAgeSeconds ?? base.alarms.oldestMessageAgeSeconds,
          inboxDepth: alarms?.inboxDepth ?? base.alarms.inboxDepth,
        }
      : { deadLetterDepth: {}, errorDepth: {}, oldestMessageAgeSeconds: {}, inboxDepth: {} },
    authentication,
    tokens,
    issuersElsewhere,
    untaggedSenders,
    appName,
    edge: edge ?? {},
    edgeAuthentication: edgeAuthentication ?? 'iam',
    agentEnvironment,
  };
}
