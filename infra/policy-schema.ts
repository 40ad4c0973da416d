import * as z from 'zod';
import { ANY } from '../events/access-record.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{1,47}$/, 'must be 2 to 48 lower-case letters, digits and hyphens');
const text = z.string().min(1);

/** The form of a policy's options. That its names fit together is checked after it. */
export const policySchema = z.strictObject({
  agents: z.array(z.custom<AgentDefinition>((value) => typeof value === 'object' && value !== null && 'actions' in value)),
  foreignAgents: z.array(id).default([]),
  producers: z
    .record(
      id,
      z.strictObject({
        principalIds: z.array(text).min(1),
        sources: z.array(text).min(1),
        onBehalfOf: z.boolean().default(false),
        arn: text.exactOptional(),
      }),
    )
    .default({}),
  // The rest is for the schema of the verifier, but its id is the key here.
  issuers: z
    .record(id, z.looseObject({ id: z.never().optional(), senders: z.union([z.literal('subject'), z.array(text).min(1)]) }))
    .default({}),
  roles: z.record(id, z.record(z.union([id, z.literal(ANY)]), z.array(text))).default({}),
  bindings: z
    .array(
      z.xor([
        z.strictObject({ role: id, agent: id }),
        z.strictObject({ role: id, producer: id }),
        z.strictObject({ role: id, issuer: id, subject: text }),
        z.strictObject({ role: id, issuer: id, claim: z.strictObject({ name: text, value: text }) }),
      ]),
    )
    .default([]),
});

/** A policy of that form. */
export type ParsedPolicy = z.output<typeof policySchema>;
