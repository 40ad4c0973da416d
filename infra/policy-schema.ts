import * as z from 'zod/mini';
import { ANY } from '../events/access-record.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';

const id = z.string().check(z.regex(/^[a-z][a-z0-9-]{1,47}$/, 'must be 2 to 48 lower-case letters, digits and hyphens'));
const text = z.string().check(z.minLength(1));
const texts = z.array(text).check(z.minLength(1));

/** The form of a policy's options. That its names fit together is checked after it. */
export const policySchema = z.strictObject({
  agents: z.array(z.custom<AgentDefinition>((value) => typeof value === 'object' && value !== null && 'actions' in value)),
  foreignAgents: z._default(z.array(id), []),
  producers: z._default(
    z.record(
      id,
      z.strictObject({
        principalIds: texts,
        sources: texts,
        onBehalfOf: z._default(z.boolean(), false),
        arn: z.exactOptional(text),
      }),
    ),
    {},
  ),
  // The rest is for the schema of the verifier, but its id is the key here.
  issuers: z._default(
    z.record(id, z.looseObject({ id: z.optional(z.never()), senders: z.union([z.literal('subject'), z.array(text)]) })),
    {},
  ),
  roles: z._default(z.record(id, z.record(z.union([id, z.literal(ANY)]), z.array(text))), {}),
  bindings: z._default(
    z.array(
      z.xor([
        z.strictObject({ role: id, agent: id }),
        z.strictObject({ role: id, producer: id }),
        z.strictObject({ role: id, issuer: id, subject: text }),
        z.strictObject({ role: id, issuer: id, claim: z.strictObject({ name: text, value: text }) }),
      ]),
    ),
    [],
  ),
});

/** A policy of that form. */
export type ParsedPolicy = z.output<typeof policySchema>;
