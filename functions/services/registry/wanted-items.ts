import type { AgentRegistration } from '../../../events/registration.ts';
import type { RegistryItem } from '../../../events/registry.ts';
import { serviceAsTarget } from './compile-access.ts';
import { fittingAccess, MAX_ACCESS_BYTES } from './fit-access.ts';
import { holdingsIn, idKey, idKeyOf } from './holders.ts';
import { type Parameter, readRegistrations } from './read-registrations.ts';
import type { Registrations } from './registrations.ts';
import { nameOf, type Sender, sendersOf } from './senders.ts';

/** An item that a run has not written yet. */
export type NewItem = Omit<RegistryItem, 'revision'>;

/** What the table should be. */
export interface Wanted {
  /** By {@link keyOf}. */
  readonly items: ReadonlyMap<string, NewItem>;
  /** The items that stay as they are: their app has a parameter that is not valid, and they say whose the id is. */
  readonly kept: ReadonlySet<string>;
  /** The agents of the mesh. */
  readonly agents: readonly AgentRegistration[];
  /** A sentence for each registration that is not used. */
  readonly ignored: readonly string[];
}

/** The key of an item. */
export const keyOf = ({ kind, id }: Pick<RegistryItem, 'kind' | 'id'>): string => `${kind} ${id}`;

/** What the table should be by the parameters. What it is now decides who has an id that two apps want. */
export function wantedItems(existing: readonly RegistryItem[], parameters: readonly Parameter[]): Wanted {
  const holdings = holdingsIn(existing);
  const { registrations, reserved, ignored } = readRegistrations(parameters, holdings);
  const { senders, ignored: claims } = sendersOf(registrations, { holdings, reserved });
  const { items: access, ignored: tooLarge } = accessItems(registrations, senders);
  const held = new Map(senders.map((sender) => [idKey(sender.kind, sender.id), sender.principalIds]));
  const agents = registrations.agents.flatMap((agent, index) => [
    itemOf('agent', { ...agent, holds: held.get(idKey('agents', agent.id)) }),
    ...access.slice(index, index + 1),
  ]);
  const services = access.slice(registrations.agents.length);
  const producers = registrations.producers.map((each) => itemOf('producer', { ...each, holds: held.get(idKey('producers', each.id)) }));
  const issuers = registrations.issuers.map((issuer) => itemOf('issuer', issuer));
  return {
    items: new Map([...agents, ...services, ...producers, ...issuers].map((item) => [keyOf(item), item])),
    kept: new Set(existing.filter((item) => reserved.has(idKeyOf(item) ?? '')).map(keyOf)),
    agents: registrations.agents,
    ignored: [...ignored, ...claims.map(({ sender, reason }) => `${parameterOf(sender, parameters)}: ${reason}`), ...tooLarge],
  };
}

const itemOf = (
  kind: RegistryItem['kind'],
  value: { readonly id: string; readonly app: string; readonly holds?: readonly string[] | undefined },
): NewItem => ({
  ...{ kind, id: value.id },
  value: JSON.stringify(value),
});

const parameterOf = (sender: Sender, parameters: readonly Parameter[]): string =>
  parameters.find(({ name }) => name.endsWith(`/${nameOf(sender)}`))?.name ?? nameOf(sender);

/** Those of the agents, then those of the services. */
function accessItems(registrations: Registrations, senders: readonly Sender[]) {
  const agentsByApp = new Map<string, string[]>();
  const targets = [...registrations.agents, ...registrations.services.map(serviceAsTarget)];
  const items = targets.map((target): NewItem => {
    const { record, leftOut } = fittingAccess(target, registrations, senders);
    for (const app of leftOut) agentsByApp.set(app, [...(agentsByApp.get(app) ?? []), target.id]);
    return { kind: 'access', id: target.id, value: JSON.stringify(record) };
  });
  const ignored = [...agentsByApp].map(
    ([app, agents]) =>
      `app '${app}': its senders are left out of the access records of ${agents.length} agents (${listed(agents)}), ` +
      `which would come to more than ${MAX_ACCESS_BYTES} bytes with them`,
  );
  return { items, ignored };
}

const SHOWN = 5;

const listed = (names: readonly string[]): string => names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', ...' : '');
