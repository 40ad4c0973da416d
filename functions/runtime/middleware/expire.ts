import { PermanentError } from '../failure/errors.ts';
import type { Runtime } from '../runtime.ts';
import type { Step } from './step.ts';

/** Rejects a message whose `expirytime` has passed. @throws PermanentError `Expired` */
export const expire = ({ clock }: Pick<Runtime, 'clock'>): Step => ({
  before: function expire({ event: { envelope } }) {
    if (envelope.expirytime !== undefined && Date.parse(envelope.expirytime) <= clock.now()) {
      throw new PermanentError('Expired', `expirytime: ${envelope.expirytime} has passed`);
    }
  },
});
