import type { Step } from './step.ts';

/** Parses and validates the envelope. @throws PermanentError `InvalidEnvelope` */
export const open = (): Step => ({
  before: function open({ event: delivery }) {
    delivery.open();
  },
});
