import { createHash } from 'node:crypto';

/** What the checker needs of a message, read from its body by itself. */
export interface ReadBody {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly generation: number;
  /** As the ledger's `digest` is documented: SHA-256 of type, subject, datacontenttype and data, base64url. */
  readonly digest: string;
  readonly subject: string | undefined;
  readonly correlationId: string;
  readonly causationId: string | undefined;
  readonly traceId: string | undefined;
  readonly tenant: string | undefined;
  readonly expires: boolean;
  readonly isReference: boolean;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const sha256 = (value: string): string => createHash('sha256').update(value).digest('base64url');

/** @returns `undefined` if it is not a CloudEvents 1.0 event */
export function readBody(body: string): ReadBody | undefined {
  let event: Readonly<Record<string, unknown>>;
  try {
    event = Object(JSON.parse(body));
  } catch {
    return undefined;
  }
  const { id, source, type, subject, time } = event;
  if (event.specversion !== '1.0' || typeof id !== 'string' || typeof source !== 'string' || typeof type !== 'string' || !text(time))
    return undefined;
  return {
    id,
    source,
    type,
    generation: typeof event.generation === 'number' ? event.generation : 0,
    digest: sha256(
      JSON.stringify([
        type,
        subject,
        event.datacontenttype ?? 'application/json',
        'dataref' in event ? { datadigest: event.datadigest } : { data: event.data },
      ]),
    ),
    subject: text(subject),
    correlationId: text(event.correlationid) ?? id,
    causationId: text(event.causationid),
    traceId: text(event.traceparent)?.split('-')[1],
    tenant: text(event.tenant),
    expires: 'expirytime' in event,
    isReference: 'dataref' in event,
  };
}

/** Of a body that is no event. */
export const digestOfBody = sha256;
