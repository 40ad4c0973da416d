import { hash } from 'node:crypto';
import type { Envelope } from './envelope.ts';

/** The digest of an event's data, see `LedgerRecord.digest`: the same id with another one is a conflict. SHA-256, base64url. */
export function digestOfData({
  type,
  subject,
  datacontenttype = 'application/json',
  data,
  dataref,
  datadigest,
}: DigestedAttributes): string {
  const content = dataref === undefined ? { data } : { datadigest };
  return hash('sha256', JSON.stringify([type, subject, datacontenttype, content]), 'base64url');
}

type DigestedAttributes = Pick<Envelope, 'type' | 'subject' | 'datacontenttype' | 'data' | 'dataref' | 'datadigest'>;
