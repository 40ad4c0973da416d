import { tenantOf } from '../../events/tenant-of.ts';

/** The parameter of a send that names the tenant of a body; none without a tenant. */
export function groupOf(body: string): { readonly MessageGroupId?: string } {
  const tenant = tenantOf(body);
  return tenant === undefined ? {} : { MessageGroupId: tenant };
}
