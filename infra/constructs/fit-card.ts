import { type RegisteredCard, SQS_ENDPOINT } from '../../events/registered-card.ts';
import type { AgentRegistration } from '../../events/registration.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';

/** What an agent says of itself. */
export const cardOf = ({ description, capabilities }: AgentDefinition, inboxUrl: string): RegisteredCard => ({
  endpoint: { kind: SQS_ENDPOINT, url: inboxUrl },
  description,
  capabilities: capabilities.map((capability) => ({
    name: capability.name,
    description: capability.description,
    tags: [...capability.tags],
    ...(capability.examples !== undefined && capability.examples.length > 0 && { examples: [...capability.examples] }),
  })),
});

/** A card that fits into its registration, and what it lacks. */
export interface FittedCard {
  /** `undefined` where there is room for none. */
  readonly card: RegisteredCard | undefined;
  /** @default nothing */
  readonly leftOut?: string;
}

/** So much of a description says what it is about. */
const SHORT_CHARACTERS = 160;

/**
 * The card of an agent, of a size that leaves its registration within its limit: what an agent says of itself must not keep it from being
 * deployed. Examples go first, then the ends of long descriptions, then the card.
 *
 * @param fits whether a registration is within its limit
 */
export function fitCard(
  registration: Omit<AgentRegistration, 'card'>,
  card: RegisteredCard,
  fits: (registration: AgentRegistration) => boolean,
): FittedCard {
  const examples = 'the examples of its capabilities';
  const steps: readonly (FittedCard & { readonly card: RegisteredCard })[] = [
    { card },
    { card: withoutExamples(card), leftOut: examples },
    {
      card: withShortDescriptions(withoutExamples(card)),
      leftOut: `${examples}, and what descriptions have beyond ${SHORT_CHARACTERS} characters`,
    },
  ];
  return steps.find((step) => fits({ ...registration, card: step.card })) ?? { card: undefined, leftOut: 'everything: it has no card' };
}

const withoutExamples = (card: RegisteredCard): RegisteredCard => ({
  ...card,
  capabilities: card.capabilities.map(({ name, description, tags }) => ({ name, description, tags })),
});

const withShortDescriptions = (card: RegisteredCard): RegisteredCard => ({
  ...card,
  description: shortened(card.description),
  capabilities: card.capabilities.map((capability) => ({ ...capability, description: shortened(capability.description) })),
});

/** A character may be two code units. */
function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= SHORT_CHARACTERS ? text : `${characters.slice(0, SHORT_CHARACTERS - 1).join('')}…`;
}
