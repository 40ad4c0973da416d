import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod/mini';
import { DEFAULT_PREFIX, DEFAULT_STAGE, type MeshName, meshName } from '../events/names.ts';
import { OWNER_APP } from '../events/registration.ts';
import { secureUrlFault } from '../events/secure-url.ts';
import { type OidcClient, oidcClientSchema } from '../functions/runtime/aws/oidc-client.ts';

/** Rates are those of the last minutes: a longer interval has none. */
const MAX_PROBE_MINUTES = 60;

const retentionDays = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days !== RetentionDays.INFINITE);

const level = z.optional(z.number().check(z.gte(0)));
const levels = z.optional(z.strictObject({ warning: level, critical: level }));

const namePart = (part: keyof MeshName) =>
  z.string().check(
    z.refine((value) => {
      try {
        return meshName({ [part]: value })[part] === value;
      } catch {
        return false;
      }
    }),
  );

const share = z.number().check(z.gte(0), z.lte(1));
const positive = z.number().check(z.positive());

/** The one list of Posthorn's context keys: the form of each. */
export const settingsSchema = z.strictObject({
  prefix: z._default(namePart('prefix'), DEFAULT_PREFIX),
  stage: z._default(namePart('stage'), DEFAULT_STAGE),
  join: z._default(z.boolean(), false),
  logLevel: z.optional(z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR'])),
  logRetentionDays: z.optional(z.number().check(z.refine((days) => retentionDays.includes(days)))),
  journeySampling: z._default(share, 1),
  traceIndex: z._default(z.boolean(), false),
  traceSampling: z.optional(share),
  otlpEndpoint: z.optional(z.string().check(z.refine((endpoint) => secureUrlFault(endpoint) === undefined))),
  otlpHeadersParameter: z.optional(z.string().check(z.regex(/^[a-zA-Z0-9_./-]+$/))),
  retainState: z.optional(z.boolean()),
  alertEmail: z.optional(z.email()),
  probeMinutes: z.optional(z.int().check(z.gte(1), z.lte(MAX_PROBE_MINUTES))),
  dashboard: z.optional(z.boolean()),
  cloudWatch: z._default(z.boolean(), true),
  alarms: z.optional(
    z.partial(z.strictObject({ deadLetterDepth: levels, errorDepth: levels, oldestMessageAgeSeconds: levels, inboxDepth: levels })),
  ),
  authentication: z._default(z.enum(['iam', 'jwt', 'none']), 'iam'),
  tokens: z.optional(
    z.custom<OidcClient>((value) => {
      const { data } = oidcClientSchema.safeParse(value);
      // With plain http, others on the network could read the client's secret.
      return data !== undefined && secureUrlFault(data.tokenUrl) === undefined;
    }),
  ),
  issuersElsewhere: z._default(z.boolean(), false),
  untaggedSenders: z._default(z.array(z.string().check(z.startsWith('arn:'))), []),
  appName: z.optional(
    z.string().check(
      z.regex(/^[a-z][a-z0-9-]{1,47}$/),
      z.refine((name) => name !== OWNER_APP),
    ),
  ),
  edge: z.optional(
    z.union([
      z.literal(false),
      z.strictObject({ requestsPerSecond: z.optional(positive), burst: z.optional(z.int().check(z.positive())) }),
    ]),
  ),
  edgeAuthentication: z.optional(z.enum(['iam', 'jwt'])),
  agentEnvironment: z._default(z.record(z.string(), z.record(z.string(), z.string())), {}),
});

/** The name of a setting. */
export type SettingName = keyof z.output<typeof settingsSchema>;

/** By setting: the allowed values. */
const ALLOWED: Readonly<Record<SettingName, string>> = {
  prefix: '2 to 14 lower-case letters and digits',
  stage: '1 to 12 lower-case letters and digits',
  join: 'true or false',
  logLevel: 'DEBUG, INFO, WARN or ERROR',
  logRetentionDays: `one of the periods of CloudWatch Logs in days: ${retentionDays.join(', ')}`,
  journeySampling: 'a number from 0 to 1',
  traceIndex: 'true or false',
  traceSampling: 'a number from 0 to 1',
  otlpEndpoint: 'an https URL; http is for 127.0.0.1 and localhost only',
  otlpHeadersParameter: 'the name of an SSM parameter',
  retainState: 'true or false',
  alertEmail: 'an e-mail address',
  probeMinutes: `a whole number from 1 to ${MAX_PROBE_MINUTES}`,
  dashboard: 'true or false',
  cloudWatch: 'true or false',
  alarms: 'a JSON object of alarm levels, e.g. {"inboxDepth":{"warning":1000}}',
  authentication: 'iam, jwt or none',
  tokens: 'a JSON object with tokenUrl (https), clientId, secretParameter and, if needed, scope',
  issuersElsewhere: 'true or false',
  untaggedSenders: 'a JSON array of ARNs',
  appName: `2 to 48 lower-case letters, digits and hyphens, and not '${OWNER_APP}', the app that owns the mesh`,
  edge: 'false, or a JSON object of limits, e.g. {"requestsPerSecond":20,"burst":40}',
  edgeAuthentication: 'iam or jwt',
  agentEnvironment: 'a JSON object of strings by variable by agent id, e.g. {"my-agent":{"SOME_URL":"https://example.com"}}',
};

export const isSetting = (name: string): name is SettingName => Object.hasOwn(ALLOWED, name);

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(ALLOWED);

/** What a setting allows, for people; `nothing` for a name that is no setting's. */
export const allowedIn = (name: string): string => (isSetting(name) ? ALLOWED[name] : 'nothing');
