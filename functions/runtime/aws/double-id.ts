import { SERVICE_PREFIX } from '../../../events/names.ts';
import { OWNER_APP } from '../../../events/registration.ts';

const MAX_CHARACTERS = 48;

/**
 * The id of a double that offers a capability: the capability's own, if an agent may have it and none has.
 *
 * @param isTaken whether an agent has the id
 */
export function doubleId(capability: string, isTaken: (id: string) => boolean): string {
  let id = capability;
  for (let nth = 1; isTaken(id) || id.startsWith(SERVICE_PREFIX) || id === OWNER_APP; nth++)
    id = `double${nth === 1 ? '' : nth}-${capability}`.slice(0, MAX_CHARACTERS);
  return id;
}
