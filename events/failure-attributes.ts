import type { Outcome } from './ledger-record.ts';

/** Why a message is on an error queue or a dead-letter queue. It travels as SQS message attributes beside the body. */
export interface Failure {
  readonly outcome: Exclude<Outcome, 'processed'>;
  readonly code: string;
  readonly reason: string;
  readonly agent: string;
  readonly generation: number;
  /** Failed attempts of this generation. */
  readonly attempts: number;
  /** ISO 8601. */
  readonly failedAt: string;
  /** The `SenderId` that SQS stamped on the message, if its sender was refused. Of other messages, the ledger record has it. */
  readonly sender?: string | undefined;
  /** Where the body lies as content, with the event's id and source: it did not fit beside these attributes. */
  readonly original?: { readonly uri: string; readonly eventId: string | undefined; readonly eventSource: string | undefined } | undefined;
}

const PREFIX = 'posthorn-';

/**
 * The SQS message attribute with the `SenderId` of the original sender. On a redriven message the operator states it, and the agent
 * refuses it from a sender without the action `redrive`. On a copy in an error queue it is the sender that was refused.
 *
 * @see docs/security.md
 */
export const SENDER_ATTRIBUTE = `${PREFIX}sender`;

const MAX_ATTRIBUTE_CHARACTERS = 1_024;

/**
 * Whether an SQS message attribute is one of the mesh's own and not the sender's. Case does not count, as in SQS.
 *
 * @param name the name of the attribute
 * @example
 * ```ts
 * isFailureAttribute('posthorn-code'); // true
 * ```
 */
export const isFailureAttribute = (name: string): boolean => name.toLowerCase().startsWith(PREFIX);

/**
 * The SQS message attributes of a failed message's copy, at most ten, which is what SQS takes.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function failureAttributes(failure: Failure): Readonly<Record<string, string>> {
  const { original, sender } = failure;
  // SQS takes ten attributes. A refusal is always the first attempt, so `attempts` is left out.
  const isFull = sender !== undefined && original !== undefined;
  return {
    [`${PREFIX}outcome`]: failure.outcome,
    [`${PREFIX}code`]: attributeValue(failure.code),
    [`${PREFIX}reason`]: attributeValue(failure.reason),
    [`${PREFIX}agent`]: failure.agent,
    [`${PREFIX}generation`]: String(failure.generation),
    ...(!isFull && { [`${PREFIX}attempts`]: String(failure.attempts) }),
    [`${PREFIX}failedat`]: failure.failedAt,
    ...(sender !== undefined && { [SENDER_ATTRIBUTE]: attributeValue(sender) }),
    ...(original && { [`${PREFIX}original`]: original.uri }),
    ...(original?.eventId !== undefined && { [`${PREFIX}eventid`]: attributeValue(original.eventId) }),
    ...(original?.eventSource !== undefined && { [`${PREFIX}eventsource`]: attributeValue(original.eventSource) }),
  };
}

/**
 * Reads why a message is on an error queue or a dead-letter queue.
 *
 * @param attributeOf gives the value of an attribute, `undefined` where the message has none of that name
 * @returns `undefined` for a message that SQS moved by itself, which has no such attributes
 * @example
 * ```ts
 * import type { Message } from '@aws-sdk/client-sqs';
 *
 * const failureOf = ({ MessageAttributes = {} }: Message) => readFailure((name) => MessageAttributes[name]?.StringValue);
 * ```
 */
export function readFailure(attributeOf: (name: string) => string | undefined): Failure | undefined {
  const recorded = (name: string) => attributeOf(`${PREFIX}${name}`);
  const outcome = recorded('outcome');
  if (outcome !== 'rejected' && outcome !== 'dead-lettered') return undefined;
  const uri = recorded('original');
  return {
    outcome,
    code: recorded('code') ?? '',
    reason: recorded('reason') ?? '',
    agent: recorded('agent') ?? '',
    generation: Number(recorded('generation') ?? 0),
    attempts: Number(recorded('attempts') ?? 1),
    failedAt: recorded('failedat') ?? '',
    sender: recorded('sender'),
    original: uri === undefined ? undefined : { uri, eventId: recorded('eventid'), eventSource: recorded('eventsource') },
  };
}

/** SQS refuses empty values and characters that XML 1.0 has no form for. @see https://www.w3.org/TR/REC-xml/#charsets */
export function attributeValue(text = ''): string {
  const legal = text.slice(0, MAX_ATTRIBUTE_CHARACTERS).replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
  return legal === '' ? '-' : legal;
}
