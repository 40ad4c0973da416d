import { envelopeSchema } from '../../events/envelope.ts';

/** The values for attributes that an event lacks. */
export interface EventDefaults {
  readonly id: string;
  readonly source: string;
  /** ISO 8601. */
  readonly time: string;
  readonly traceparent: string;
  /** The type for bare data, and for an envelope without a type. */
  readonly type: string | undefined;
  readonly tenant?: string | undefined;
}

/** The type of bare data if the sender names none. */
export const BARE_DATA_TYPE = 'posthorn.sent';

const attributes = new Set(Object.keys(envelopeSchema.def.shape));

/**
 * Makes an event of the input: fills in the attributes that an envelope lacks, or puts bare data into a new envelope.
 *
 * An object is an envelope if it has `specversion`, or if it has `data` or `dataref` and only attributes that an envelope has;
 * anything else is bare data.
 */
export function completeEvent(
  given: unknown,
  { id, source, time, traceparent, type, tenant }: EventDefaults,
): Readonly<Record<string, unknown>> {
  const filled = { specversion: '1.0', id, source, ...(type !== undefined && { type }), ...(tenant !== undefined && { tenant }), time };
  if (isEnvelope(given)) return { ...filled, ...(!('traceparent' in given) && { traceparent }), ...given };
  return { type: BARE_DATA_TYPE, ...filled, traceparent, datacontenttype: 'application/json', data: given };
}

function isEnvelope(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (Object.hasOwn(value, 'specversion')) return true;
  return (Object.hasOwn(value, 'data') || Object.hasOwn(value, 'dataref')) && Object.keys(value).every((name) => attributes.has(name));
}
