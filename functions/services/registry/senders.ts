import type { Principal } from '../../../events/access-record.ts';
import { OWNER_APP, type RegistrationKind } from '../../../events/registration.ts';
import { type Holdings, idKey } from './holders.ts';
import type { Registrations } from './registrations.ts';

/** An agent or a producer, as who sends. */
export interface Sender {
  readonly app: string;
  readonly kind: Extract<RegistrationKind, 'agents' | 'producers'>;
  readonly id: string;
  /** Those that are its own: a principal id is that of one sender. */
  readonly principalIds: readonly string[];
  readonly principal: Omit<Principal, 'grants'>;
  /** The agents that its definition sends to. */
  readonly calls: readonly string[];
  /** The capabilities that its definition calls. */
  readonly callsCapabilities: readonly string[];
}

/** The senders of a mesh. */
export interface Senders {
  readonly senders: readonly Sender[];
  /** A sentence for each principal id that a registration claims and another one has: the end of its name, and who has it. */
  readonly ignored: readonly { readonly sender: Sender; readonly reason: string }[];
}

/** The holder of each principal id as the table has it, and the ids whose registrations cannot be read now. */
interface Before {
  readonly holdings: Holdings;
  readonly reserved: ReadonlySet<string>;
}

const NOTHING_BEFORE: Before = { holdings: new Map(), reserved: new Set() };

/**
 * Gives each principal id to one sender: what the owner of the mesh declares comes first, then who had the id before, then the first by
 * name. So no app becomes who an owner's producer is, nor another app's agent, by declaring the id of its role.
 */
export function sendersOf(registrations: Registrations, before: Before = NOTHING_BEFORE): Senders {
  const claiming = [...registrations.agents.map(agentAsSender), ...registrations.producers.map(producerAsSender)];
  const holders = new Map<string, string>();
  const take = (principalId: string, holder: string) => {
    if (!holders.has(principalId)) holders.set(principalId, holder);
  };
  const takeAll = (sender: Sender) => {
    for (const principalId of sender.principalIds) take(principalId, nameOf(sender));
  };
  const owners = claiming.filter(({ app }) => app === OWNER_APP);
  const others = claiming.filter(({ app }) => app !== OWNER_APP).sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  owners.forEach(takeAll);
  const claims = new Map(others.map((sender) => [nameOf(sender), new Set(sender.principalIds)]));
  for (const [key, { app, holds }] of before.holdings) {
    const holder = `${app}/${key}`;
    for (const principalId of holds) if (before.reserved.has(key) || claims.get(holder)?.has(principalId)) take(principalId, holder);
  }
  others.forEach(takeAll);
  const isOwn = (sender: Sender, principalId: string) => holders.get(principalId) === nameOf(sender);
  return {
    senders: claiming.map((sender) => ({ ...sender, principalIds: sender.principalIds.filter((each) => isOwn(sender, each)) })),
    ignored: claiming.flatMap((sender) =>
      sender.principalIds
        .filter((each) => !isOwn(sender, each))
        .map((each) => ({ sender, reason: `its principal id '${each}' is that of ${holders.get(each)}` })),
    ),
  };
}

/** The end of the name of its parameter. */
export const nameOf = ({ app, kind, id }: Pick<Sender, 'app' | 'kind' | 'id'>): string => `${app}/${idKey(kind, id)}`;

const agentAsSender = ({ app, id, roleId, roleArn, calls, callsCapabilities }: Registrations['agents'][number]): Sender => ({
  ...{ app, kind: 'agents', id, calls, callsCapabilities },
  principalIds: [roleId],
  principal: { name: `agent:${id}`, sources: [`/agents/${id}`], onBehalfOf: false, arn: roleArn },
});

const producerAsSender = ({ app, id, principalIds, sources, onBehalfOf, arn }: Registrations['producers'][number]): Sender => ({
  ...{ app, kind: 'producers', id, calls: [], callsCapabilities: [] },
  principalIds: [...new Set(principalIds)],
  principal: { name: `producer:${id}`, sources, onBehalfOf, ...(arn !== undefined && { arn }) },
});
