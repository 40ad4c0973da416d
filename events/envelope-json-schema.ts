import { toJSONSchema } from 'zod/v4/core';
import { envelopeSchema } from './envelope.ts';

/** The envelope for producers in other languages: JSON Schema, as `events/envelope.schema.json` holds it. */
export function envelopeJsonSchema(): object {
  const { $schema, ...schema } = toJSONSchema(envelopeSchema, { io: 'input' });
  return {
    $schema,
    $id: 'urn:posthorn:schema:envelope:1.0',
    title: 'Posthorn envelope',
    description:
      'CloudEvents 1.0 in JSON: the body of every SQS message of the mesh. data or dataref, never both; dataref needs datadigest and datasize.',
    ...schema,
    not: { required: ['data', 'dataref'] },
    dependentRequired: { dataref: ['datadigest', 'datasize'] },
    propertyNames: { pattern: '^[a-z0-9]{1,20}$' },
  };
}
