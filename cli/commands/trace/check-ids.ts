import * as z from 'zod/mini';
import { envelopeSchema } from '../../../events/envelope.ts';
import { CliError } from '../../cli-error.ts';

const { id: idSchema, source: sourceSchema } = envelopeSchema.shape;

/** Checks what names a journey before AWS is asked for it. @throws CliError for what no message of a mesh can have */
export function checkIds(id: string, source: string | undefined): void {
  if (!z.safeParse(idSchema, id).success)
    throw new CliError(`<id> is not 1 to 256 printable characters: it has ${faultOf(id)}`, {
      remedy: 'Give a whole correlation id or the id of a message, as the producer or posthorn send printed it.',
    });
  if (source !== undefined && !z.safeParse(sourceSchema, source).success)
    throw new CliError('--source is not 1 to 512 printable ASCII characters without spaces', {
      remedy: "Give the source of the event, e.g. --source https://shop.example.com; 'posthorn send' gives /posthorn/cli.",
    });
}

function faultOf(id: string): string {
  if (id === '') return 'none';
  return id.length > 256 ? id.length.toLocaleString('en') : 'control characters';
}
