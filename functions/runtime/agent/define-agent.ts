import * as z from 'zod/mini';
import type { $ZodType } from 'zod/v4/core';
import { actionSchema } from '../../../events/action.ts';
import { idSchema } from '../../../events/envelope.ts';
import { DEFAULT_LATENCY_GOAL_SECONDS } from '../../../events/latency-goal.ts';
import type { AgentDefinition, RetryPolicy } from './agent.ts';

/** The options of {@link defineAgent}: an {@link AgentDefinition} whose properties with a default may be left out. */
export type AgentOptions<
  Schema extends $ZodType,
  Target extends string,
  Id extends string = string,
  ActionName extends string = string,
  Called extends string = string,
> = Omit<
  AgentDefinition<Schema, Target, Id, ActionName, Called>,
  | 'sendsTo'
  | 'calls'
  | 'receivesReplies'
  | 'actions'
  | 'retry'
  | 'concurrency'
  | 'latencyGoalSeconds'
  | 'timeoutSeconds'
  | 'memoryMb'
  | 'exclusive'
  | 'environment'
  | 'classify'
> &
  Partial<Omit<AgentDefinition<Schema, Target, Id, ActionName, Called>, 'retry' | 'id'>> & { readonly retry?: Partial<RetryPolicy> };

/** SQS hides a message for 12 hours at most, counted from its receive, which may be a whole invocation ago. */
const MAX_DELAY_SECONDS = 42_000;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const OWN_VARIABLE = /^(?!POSTHORN_|POWERTOOLS_|AWS_|LAMBDA_|NODE_|LANG$|PATH$|TZ$|LD_LIBRARY_PATH$)[A-Z][A-Z0-9_]*$/;

/** A role's policy has a statement for each. */
const MAX_CALLS = 20;

const wholeNumber = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));
const aFunction = <T>() => z.custom<T>((value) => typeof value === 'function', 'must be a function');
const text = z.string().check(z.minLength(1, 'must not be empty'));

function hasEachTypeOnce(actions: Readonly<Record<string, { readonly types?: readonly string[] | undefined }>>): boolean {
  const types = Object.values(actions).flatMap((action) => action.types ?? []);
  return new Set(types).size === types.length;
}

/** The form of an agent's version. */
export const versionSchema = z.string().check(z.regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'must be a semantic version, e.g. 1.0.0'));

const optionsSchema = z.strictObject({
  id: idSchema,
  version: versionSchema,
  description: text,
  capabilities: z
    .array(
      z.strictObject({
        id: idSchema,
        name: text,
        description: text,
        tags: z.array(z.string()),
        examples: z.optional(z.array(z.string())),
      }),
    )
    .check(z.minLength(1, 'must name at least one capability')),
  input: z.custom<$ZodType>((value) => typeof value === 'object' && value !== null && '_zod' in value, 'must be a zod schema'),
  sendsTo: z._default(z.array(idSchema), []),
  calls: z._default(z.array(idSchema).check(z.maxLength(MAX_CALLS, `must name at most ${MAX_CALLS} capabilities`)), []),
  receivesReplies: z._default(z.boolean(), false),
  actions: z._default(
    z
      .record(actionSchema, z.strictObject({ types: z.optional(z.array(text)), allow: z.optional(z.array(idSchema)) }))
      .check(z.refine(hasEachTypeOnce, 'must name each message type in one action only')),
    {},
  ),
  retry: z.prefault(
    z.strictObject({
      maxRetries: z._default(wholeNumber(0, 8), 3),
      baseDelaySeconds: z._default(wholeNumber(1, 900), 1),
      maxDelaySeconds: z._default(wholeNumber(1, MAX_DELAY_SECONDS), 900),
    }),
    {},
  ),
  concurrency: z._default(wholeNumber(2, 1_000), 10),
  latencyGoalSeconds: z._default(wholeNumber(1, 43_200), DEFAULT_LATENCY_GOAL_SECONDS),
  timeoutSeconds: z._default(wholeNumber(1, 900), 30),
  memoryMb: z._default(wholeNumber(128, 10_240), 512),
  exclusive: z._default(z.boolean(), false),
  environment: z._default(
    z.record(
      z.string().check(z.regex(OWN_VARIABLE, 'must be an upper-case name, and not one that Lambda, Node, Powertools or the mesh sets')),
      z.string(),
    ),
    {},
  ),
  classify: z.optional(aFunction<AgentDefinition['classify']>()),
  handle: aFunction<AgentDefinition['handle']>(),
});

/**
 * Defines an agent: its identity, its input, its limits and its handler. The stacks and the runtime need nothing else;
 * make it the default export of `functions/agents/<id>/agent.ts`.
 *
 * @returns the definition with its defaults filled in, frozen
 * @throws TypeError naming each unknown option and each bad value
 * @example
 * ```ts
 * import * as z from 'zod/mini';
 * import { defineAgent } from 'posthorn';
 *
 * export default defineAgent({
 *   id: 'greeting',
 *   version: '1.0.0',
 *   description: 'Greets people by name.',
 *   capabilities: [{ id: 'greeting', name: 'Greeting', description: 'Says hello.', tags: ['demo'] }],
 *   input: z.object({ name: z.string() }),
 *   async handle({ data }, context) {
 *     await context.reply({ text: `Hello, ${data.name}!` });
 *   },
 * });
 * ```
 */
export function defineAgent<
  const Schema extends $ZodType,
  const Target extends string = never,
  const Id extends string = string,
  const ActionName extends string = never,
  const Called extends string = never,
>(options: AgentOptions<Schema, Target, Id, ActionName, Called>): AgentDefinition<Schema, Target, Id, ActionName, Called> {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const named = typeof options?.id === 'string' ? `agent '${options.id}'` : 'agent';
    throw new TypeError(`${named}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
  }
  const { receivesReplies, retry, concurrency, latencyGoalSeconds, timeoutSeconds, memoryMb, exclusive, environment } = parsed.data;
  return Object.freeze({
    ...options,
    sendsTo: options.sendsTo ?? [],
    calls: options.calls ?? [],
    receivesReplies,
    actions: options.actions ?? {},
    retry,
    concurrency,
    latencyGoalSeconds,
    timeoutSeconds,
    memoryMb,
    exclusive,
    environment,
    classify: options.classify,
  });
}
