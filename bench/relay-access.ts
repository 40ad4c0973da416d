import type { AccessRecord } from '../events/access-record.ts';

/** Who may send to the benchmark's agent: the sender of its batches, among as many others as a mesh of fifty agents has. */
export const relayAccess: AccessRecord = {
  agent: 'relay',
  actions: {},
  principals: {
    ...Object.fromEntries(
      Array.from({ length: 50 }, (_, nth) => [
        `AROAEXAMPLE${nth}`,
        { name: `agent:agent-${nth}`, sources: [`/agents/agent-${nth}`], onBehalfOf: false, grants: {} },
      ]),
    ),
    AIDAEXAMPLE: {
      name: 'producer:shop',
      sources: ['/shop'],
      onBehalfOf: false,
      arn: 'arn:aws:iam::111122223333:role/shop-production-checkout',
      grants: { handle: 'role:customer' },
    },
  },
  tokenHolders: [],
  issuers: [],
};
