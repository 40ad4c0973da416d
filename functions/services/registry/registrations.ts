import type { Issuer } from '../../../events/issuer.ts';
import type { AgentRegistration, ProducerRegistration, RoleRegistration, ServiceRegistration } from '../../../events/registration.ts';

/** A registration, and the app that declares it. */
export type Of<Registration> = Registration & { readonly app: string };

/** Everything that is registered in a mesh. */
export interface Registrations {
  readonly agents: readonly Of<AgentRegistration>[];
  readonly producers: readonly Of<ProducerRegistration>[];
  readonly roles: readonly Of<RoleRegistration>[];
  readonly issuers: readonly Of<Issuer>[];
  readonly services: readonly Of<ServiceRegistration>[];
}
