import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { DEFAULT_PREFIX, DEFAULT_STAGE, type MeshName, meshName } from '../events/names.ts';
import { RefusedError } from './refused-error.ts';

/** An alarm goes off when its measure is greater than the level; a severity without a level has no alarm. */
export interface AlarmLevels {
  readonly warning?: number | undefined;
  readonly critical?: number | undefined;
}

/** The levels of each agent's alarms. */
export interface AlarmSettings {
  /** Messages in the dead-letter queue. @default critical 0 */
  readonly deadLetterDepth: AlarmLevels;
  /** Messages in the error queue. @default warning 0 */
  readonly errorDepth: AlarmLevels;
  /** Age of the oldest message in the inbox. @default warning 300, critical 3600 (prod); warning 900 (dev) */
  readonly oldestMessageAgeSeconds: AlarmLevels;
  /** Messages in the inbox. @default warning 10000, critical 100000 (prod); warning 1000 (dev) */
  readonly inboxDepth: AlarmLevels;
}

/** What differs between two deployments of the same code. */
export interface Settings extends MeshName {
  /** @default 'INFO' */
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** One of the periods that CloudWatch Logs offers. @default 14 (dev), 90 (prod) */
  readonly logRetentionDays: number;
  /** The share of journeys that the trace index holds; failures are always in it. @default 1 (dev), 0.1 (prod) */
  readonly traceSampling: number;
  /** Keeps queues, ledger, content and logs when their stack goes, and guards stacks and ledger against deletion. @default false (dev), true (prod) */
  readonly retainState: boolean;
  /** Gets what is published to the alert topic. @default none */
  readonly alertEmail: string | undefined;
  readonly alarms: AlarmSettings;
  /** By agent id: values of variables that the agent's definition declares. @default {} */
  readonly agentEnvironment: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * What becomes of what holds messages, content, keys or logs when its stack goes. What is kept goes nevertheless with a first
 * deployment that is rolled back: it is empty then, and would be in the way of the next deployment under the same names.
 */
export const removalPolicyOf = ({ retainState }: Settings): RemovalPolicy =>
  retainState ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

type StageDefaults = Omit<Settings, 'prefix' | 'stage' | 'alertEmail' | 'agentEnvironment'>;

/** A stage is for trying things out unless it is named `prod`. */
const defaults: { readonly dev: StageDefaults; readonly prod: StageDefaults } = {
  dev: {
    logLevel: 'INFO',
    logRetentionDays: 14,
    traceSampling: 1,
    retainState: false,
    alarms: {
      deadLetterDepth: { critical: 0 },
      errorDepth: { warning: 0 },
      oldestMessageAgeSeconds: { warning: 900 },
      inboxDepth: { warning: 1_000 },
    },
  },
  prod: {
    logLevel: 'INFO',
    logRetentionDays: 90,
    traceSampling: 0.1,
    retainState: true,
    alarms: {
      deadLetterDepth: { critical: 0 },
      errorDepth: { warning: 0 },
      oldestMessageAgeSeconds: { warning: 300, critical: 3_600 },
      inboxDepth: { warning: 10_000, critical: 100_000 },
    },
  },
};

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

/** Every context key of ours, with what is allowed in words: the one list. */
const contextSchema = z.strictObject({
  prefix: namePart('prefix').default(DEFAULT_PREFIX).describe('2 to 14 lower-case letters and digits'),
  stage: namePart('stage').default(DEFAULT_STAGE).describe('1 to 12 lower-case letters and digits'),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).optional().describe('DEBUG, INFO, WARN or ERROR'),
  logRetentionDays: z
    .number()
    .refine((days) => retentionDays.includes(days))
    .optional()
    .describe(`one of the periods of CloudWatch Logs in days: ${retentionDays.join(', ')}`),
  traceSampling: z.number().min(0).max(1).optional().describe('a number from 0 to 1'),
  retainState: z.boolean().optional().describe('true or false'),
  alertEmail: z.email().optional().describe('an e-mail address'),
  alarms: z
    .strictObject({ deadLetterDepth: levels, errorDepth: levels, oldestMessageAgeSeconds: levels, inboxDepth: levels })
    .partial()
    .optional()
    .describe('a JSON object of alarm levels, e.g. {"inboxDepth":{"warning":1000}}'),
  agentEnvironment: z
    .record(z.string(), z.record(z.string(), z.string()))
    .default({})
    .describe('a JSON object of strings by variable by agent id, e.g. {"my-agent":{"SOME_URL":"https://example.com"}}'),
});

type Key = keyof typeof contextSchema.shape;

const isKey = (name: string): name is Key => Object.hasOwn(contextSchema.shape, name);

/** These are text as they stand; the others are numbers, booleans and objects, which `-c` can only pass as JSON. */
const textKeys: ReadonlySet<string> = new Set<Key>(['prefix', 'stage', 'logLevel', 'alertEmail']);

/** The CDK's own keys and feature flags have a colon or a slash: a plain word can only be meant for us. */
const isOurs = (name: string): boolean => /^\w+$/.test(name);

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

/** Says the kind of a refused value and never the value: a setting may be a secret, and CI keeps its logs. */
function problemOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): readonly string[] {
  const [key = '', ...rest] = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = key === '' ? `known are ${Object.keys(contextSchema.shape).join(', ')}` : `allowed is ${allowed(key)}`;
    return issue.keys.map((name) => `setting '${[key, ...rest, name].filter(Boolean).join('.')}' is unknown: ${known}`);
  }
  return [`setting '${[key, ...rest].join('.')}' is ${kindOf(at(given, issue.path))} that does not fit: allowed is ${allowed(key)}`];
}

const allowed = (key: string): string => (isKey(key) ? (contextSchema.shape[key].description ?? key) : 'nothing');

/**
 * Reads the settings from the app's context (`-c name=value`, or `context` in cdk.json). Numbers, booleans and objects are JSON.
 *
 * @throws RefusedError that names each unknown setting, and each bad value by its setting, its kind and what is allowed
 * @example
 * ```ts
 * const settings = readSettings(app.node.getAllContext()); // cdk deploy -c stage=prod -c traceSampling=0.5
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
  const { prefix, stage, alarms, alertEmail, agentEnvironment, ...own } = parsed.data;
  const base = stage === 'prod' ? defaults.prod : defaults.dev;
  return {
    prefix,
    stage,
    logLevel: own.logLevel ?? base.logLevel,
    logRetentionDays: own.logRetentionDays ?? base.logRetentionDays,
    traceSampling: own.traceSampling ?? base.traceSampling,
    retainState: own.retainState ?? base.retainState,
    alertEmail,
    alarms: {
      deadLetterDepth: alarms?.deadLetterDepth ?? base.alarms.deadLetterDepth,
      errorDepth: alarms?.errorDepth ?? base.alarms.errorDepth,
      oldestMessageAgeSeconds: alarms?.oldestMessageAgeSeconds ?? base.alarms.oldestMessageAgeSeconds,
      inboxDepth: alarms?.inboxDepth ?? base.alarms.inboxDepth,
    },
    agentEnvironment,
  };
}
