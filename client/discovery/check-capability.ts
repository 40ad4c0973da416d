import { idSchema } from '../../events/envelope.ts';
import { InvalidQueryError } from '../errors.ts';

/** @throws InvalidQueryError for what cannot be a capability */
export function checkCapability(capability: string): void {
  if (idSchema.safeParse(capability).success) return;
  throw new InvalidQueryError(`'${capability}' is not a capability`, {
    remedy: 'Give 2 to 48 lower-case letters, digits and hyphens, beginning with a letter.',
  });
}
