import { AGENT_IDS } from './agents.ts';
import type { SenderPolicy, Sent } from './history.ts';

/** A principal as SQS stamps it on what it sends, and the part that it plays. */
export interface Sender {
  readonly by: Sent['by'];
  readonly senderId: string;
}

/** A client with the source `/producer`. */
export const PRODUCER: Sender = { by: 'producer', senderId: 'AROAPRODUCER:session-1' };

/** A client with the source `/partner`, whose permission comes and goes. */
export const PARTNER: Sender = { by: 'producer', senderId: 'AROAPARTNER:session-1' };

/** Puts failed messages back. */
export const OPERATOR: Sender = { by: 'operator', senderId: 'AROAOPERATOR:ada' };

/** May send to the queues, but is not registered in the mesh. */
export const STRANGER: Sender = { by: 'forger', senderId: 'AROASTRANGER:session-1' };

/** Is registered, and sends as others. */
export const FORGER: Sender = { by: 'forger', senderId: 'AROAFORGER:session-1' };

/** An agent's own role. */
export const agentSender = (id: string): Sender => ({ by: 'agent', senderId: `AROAAGENT${id.toUpperCase()}:${id}` });

/** The id of the role, without its session. */
export const principalId = ({ senderId }: Pick<Sender, 'senderId'>): string => senderId.split(':', 1)[0] ?? '';

/** The role's ARN, which the issuer names in the role's tokens. */
export const arnOf = (principal: string): string => `arn:aws:iam::000000000000:role/${principal}`;

const policy = (source: string, rest: Partial<SenderPolicy> = {}): SenderPolicy => ({
  source,
  mayRedrive: false,
  isRevocable: false,
  ...rest,
});

/** Who is registered, by principal id; the checker's own copy of the settings. */
export const SENDER_POLICIES: Readonly<Record<string, SenderPolicy>> = {
  [principalId(PRODUCER)]: policy('/producer'),
  [principalId(PARTNER)]: policy('/partner', { isRevocable: true }),
  [principalId(OPERATOR)]: policy('/operator', { mayRedrive: true }),
  [principalId(FORGER)]: policy('/forger'),
  ...Object.fromEntries(AGENT_IDS.map((id) => [principalId(agentSender(id)), policy(`/agents/${id}`)])),
};
