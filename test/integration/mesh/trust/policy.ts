import type { ProducerRegistration, RoleRegistration } from '../../../../events/registration.ts';
import { roleId } from '../../../../local/template/role-id.ts';

export const SHOP = 'https://shop.example.com/';
export const PORTAL = 'https://portal.example.com/';

/** A producer whose IAM role has its name. */
export const producer = (id: string, sources: readonly string[], onBehalfOf = false): ProducerRegistration => ({
  id,
  principalIds: [roleId(id)],
  sources: [...sources],
  onBehalfOf,
});

/** Who may send to the agents of this folder, beside the operator: what a policy stack would declare. */
export const POLICY: { readonly producers: readonly ProducerRegistration[]; readonly roles: readonly RoleRegistration[] } = {
  producers: [
    producer('shop', [`${SHOP}*`]),
    producer('portal', [`${PORTAL}*`], true),
    producer('kiosk', ['https://kiosk.example.com/*']),
    producer('helpdesk', ['https://helpdesk.example.com/']),
  ],
  roles: [
    {
      id: 'customer',
      permissions: { archive: ['handle', 'file'], sleeper: ['handle'], scanner: ['handle'], outsider: ['handle'] },
      // `newcomer` is a member before it is a producer.
      members: [{ producer: 'shop' }, { producer: 'portal' }, { producer: 'newcomer' }, { producer: 'applicant' }],
    },
    { id: 'support', permissions: { archive: ['redrive'] }, members: [{ producer: 'helpdesk' }] },
  ],
};
