import * as z from 'zod/mini';
import { authenticationSchema } from '../../../events/authentication.ts';
import { describeIssues } from '../../../events/describe-issues.ts';
import { secureUrlFault } from '../../../events/secure-url.ts';
import { oidcClientSchema } from './oidc-client.ts';

const url = z.url();
const secureUrl = z
  .string()
  .check(z.refine((uri) => secureUrlFault(uri) === undefined, 'must be an https URL; http is for this machine only'));
const text = z.string().check(z.minLength(1));
const json = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((value, context) => {
        try {
          return JSON.parse(value) as unknown;
        } catch {
          context.issues.push({ code: 'custom', message: 'must be JSON', input: value });
          return z.NEVER;
        }
      }),
    ),
    schema,
  );

const environmentSchema = z.object({
  AWS_REGION: text,
  POSTHORN_LEDGER_TABLE: text,
  POSTHORN_CONTENT_BUCKET: text,
  POSTHORN_ALERT_TOPIC_ARN: text,
  POSTHORN_INBOX_URL: url,
  POSTHORN_ERROR_QUEUE_URL: url,
  POSTHORN_DEAD_LETTER_QUEUE_URL: url,
  POSTHORN_REPLIES_QUEUE_URL: url,
  POSTHORN_TARGETS: json(z.object({ inboxUrl: url.check(z.includes('{agent}')), agents: z.array(text) })),
  POSTHORN_MAX_RECEIVES: z.pipe(text, z.pipe(z.transform(Number), z.int().check(z.gte(2)))),
  POSTHORN_REGISTRY_TABLE: text,
  POSTHORN_OFFERS_TABLE: z.optional(text),
  POSTHORN_METRICS_TABLE: text,
  POSTHORN_AUTHENTICATION: authenticationSchema,
  POSTHORN_TOKENS: z.optional(json(oidcClientSchema)),
  POSTHORN_JOURNEY_SAMPLING: z.pipe(text, z.pipe(z.transform(Number), z.number().check(z.gte(0), z.lte(1)))),
  POSTHORN_TRACE_INDEX: z.optional(z.enum(['true', 'false'])),
  POSTHORN_OTLP_ENDPOINT: z.optional(secureUrl),
  POSTHORN_OTLP_HEADERS_PARAMETER: z.optional(text),
  POSTHORN_TRACE_SAMPLING: z.optional(z.pipe(text, z.pipe(z.transform(Number), z.number().check(z.gte(0), z.lte(1))))),
});

export type Environment = z.output<typeof environmentSchema>;

/** The configuration that the `Agent` construct gives to its function. @throws Error naming each variable that is missing or wrong */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const parsed = environmentSchema.safeParse(variables);
  if (!parsed.success) throw new Error(`environment: ${describeIssues(parsed.error, variables)}`, { cause: parsed.error });
  return parsed.data;
}
