import type { IdentityProvider } from './identity-provider.ts';
import { producer } from './policy.ts';
import { nameIn, TrustingMesh } from './trusting-mesh.ts';

/** The only source of the role that presents the users' tokens. */
export const GATEWAY = 'https://gateway.example.com/';

/** A mesh whose agents want tokens of these providers. `user-1` and the group `customers` may have messages handled. */
export async function startTokenMesh(providers: readonly IdentityProvider[]): Promise<TrustingMesh> {
  const trusting = await TrustingMesh.start('jwt');
  for (const provider of providers) trusting.register('issuers', provider.registration(['producer:gateway']));
  trusting.register('producers', producer('gateway', [GATEWAY]));
  trusting.register('roles', {
    id: 'reader',
    permissions: { archive: ['handle'], scanner: ['handle'], sleeper: ['handle'] },
    members: providers.flatMap(({ id: issuer }) => [
      { issuer, subject: 'user-1' },
      { issuer, claim: { name: 'groups', value: 'customers' } },
    ]),
  });
  for (const agent of ['archive', 'scanner', 'sleeper']) {
    await trusting.untilAccess(
      agent,
      ({ principals, issuers, tokenHolders }) =>
        nameIn(principals, 'producer:gateway') && providers.every(({ id }) => [issuers, tokenHolders].every((list) => hasIssuer(list, id))),
    );
  }
  return trusting;
}

const hasIssuer = (list: readonly { readonly id?: string; readonly issuer: string }[], id: string): boolean =>
  list.some((entry) => (entry.id ?? entry.issuer) === id);
