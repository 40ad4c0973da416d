import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envelopeJsonSchema } from './envelope-json-schema.ts';

writeFileSync(join(import.meta.dirname, 'envelope.schema.json'), `${JSON.stringify(envelopeJsonSchema(), null, 2)}\n`);
