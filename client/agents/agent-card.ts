import { SQS_ENDPOINT } from '../../events/registered-card.ts';
import type { AgentRegistration } from '../../events/registration.ts';

/** How an agent of a mesh is reached, in the words of A2A: see docs/discovery.md. What breaks it gets another URI. */
export const SQS_BINDING = 'urn:posthorn:binding:sqs:v1';

/** The version of A2A in whose form cards are. */
const A2A_VERSION = '1.0';

const JSON_TYPE = 'application/json';

/**
 * The A2A card of an agent: what it is, what it can do, and where its messages go.
 *
 * @see https://a2a-protocol.org/latest/specification/ (AgentCard)
 */
export interface AgentCard {
  /** The agent's id. */
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly supportedInterfaces: readonly AgentInterface[];
  /** What the binding does not have. */
  readonly capabilities: { readonly streaming: false; readonly pushNotifications: false; readonly extendedAgentCard: false };
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** All schemes of one requirement are needed. */
  readonly securityRequirements: readonly { readonly schemes: Readonly<Record<string, { readonly list: readonly string[] }>> }[];
  readonly defaultInputModes: readonly string[];
  readonly defaultOutputModes: readonly string[];
  /** The agent's capabilities, in the mesh's sense. */
  readonly skills: readonly AgentSkill[];
}

/** Where an agent takes messages, and how. */
export interface AgentInterface {
  /** Of the inbox, an SQS queue. */
  readonly url: string;
  /** The URI of Posthorn's own binding: `urn:posthorn:binding:sqs:v1`. */
  readonly protocolBinding: string;
  readonly protocolVersion: string;
}

/** A capability of an agent, as A2A has it. */
export interface AgentSkill {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly examples?: readonly string[];
}

/** How a sender of an agent shows who it is. */
export interface SecurityScheme {
  readonly httpAuthSecurityScheme: { readonly scheme: string; readonly description: string; readonly bearerFormat?: string };
}

/**
 * Makes the card of an agent from its registration.
 *
 * @returns `undefined` where the registration has no card, or an endpoint of a kind that this version does not know
 */
export function agentCard({ id, version, capabilities, authentication, card }: AgentRegistration): AgentCard | undefined {
  if (card?.endpoint.kind !== SQS_ENDPOINT) return undefined;
  const schemes = schemesOf(authentication);
  return {
    name: id,
    description: written(card.description, id),
    version,
    supportedInterfaces: [{ url: card.endpoint.url, protocolBinding: SQS_BINDING, protocolVersion: A2A_VERSION }],
    capabilities: { streaming: false, pushNotifications: false, extendedAgentCard: false },
    securitySchemes: schemes,
    securityRequirements: [{ schemes: Object.fromEntries(Object.keys(schemes).map((name) => [name, { list: [] }])) }],
    defaultInputModes: [JSON_TYPE],
    defaultOutputModes: [JSON_TYPE],
    skills: capabilities.flatMap((capability, nth) =>
      // A definition may name a capability twice.
      capabilities.indexOf(capability) === nth ? [skillOf(capability, card.capabilities[nth])] : [],
    ),
  };
}

function skillOf(id: string, text: NonNullable<AgentRegistration['card']>['capabilities'][number] | undefined): AgentSkill {
  const name = written(text?.name ?? '', id);
  const examples = text?.examples?.map((example) => example.toWellFormed());
  return {
    id,
    name,
    description: written(text?.description ?? '', name),
    tags: (text?.tags ?? []).map((tag) => tag.toWellFormed()),
    ...(examples !== undefined && { examples }),
  };
}

/** A2A asks for a text; and half a surrogate pair, which JSON may have, has no form in UTF-8. */
const written = (text: string, otherwise: string): string => (text.trim() === '' ? otherwise : text.toWellFormed());

/** SQS asks each sender for a signature, whatever the agent asks for. */
function schemesOf(authentication: AgentRegistration['authentication']): Readonly<Record<string, SecurityScheme>> {
  return {
    iam: {
      httpAuthSecurityScheme: {
        scheme: 'AWS4-HMAC-SHA256',
        description: 'AWS Signature Version 4 for the service sqs, by a role that the mesh knows as a sender.',
      },
    },
    ...(authentication === 'jwt' && {
      token: {
        httpAuthSecurityScheme: {
          scheme: 'Bearer',
          bearerFormat: 'JWT',
          description: 'In the SQS message attribute authorization, for the audience <prefix>-<stage>/<agent>.',
        },
      },
    }),
  };
}
