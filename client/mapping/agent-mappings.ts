import type { EventSourceMappingConfiguration, Lambda } from '@aws-sdk/client-lambda';
import pRetry from 'p-retry';
import { functionName, inboxName, type MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { AccessDeniedError, NoMappingError } from '../errors.ts';
import { type MappingState, mappingState } from './mapping-state.ts';

/** The event source mapping by which an agent gets its messages. */
export interface AgentMapping {
  readonly agent: string;
  readonly state: MappingState;
  /** Lambda's id of the mapping. */
  readonly uuid: string;
}

/** While Lambda changes a mapping, it refuses the next change. */
const RETRIES = 90;
const RETRY_MS = 1_000;

type Action = 'lambda:ListEventSourceMappings' | 'lambda:UpdateEventSourceMapping';

/** The event source mappings of a mesh's agents. */
export class AgentMappings {
  readonly #aws: AwsClients;
  readonly #mesh: MeshName;
  readonly #checkAgent: (agent: string) => Promise<unknown>;

  /** @param checkAgent rejects with the reason if the mesh has no such agent */
  constructor(aws: AwsClients, mesh: MeshName, checkAgent: (agent: string) => Promise<unknown>) {
    this.#aws = aws;
    this.#mesh = mesh;
    this.#checkAgent = checkAgent;
  }

  /** @throws NoMappingError, AccessDeniedError, and as `checkAgent` */
  async get(agent: string): Promise<AgentMapping> {
    return asAgentMapping(agent, await this.#find(agent, await this.#aws.lambda()));
  }

  /** @throws as `get`; the signal's reason */
  async enable(agent: string, isEnabled: boolean, signal: AbortSignal | undefined): Promise<AgentMapping> {
    const lambda = await this.#aws.lambda();
    return pRetry(() => this.#switch(agent, isEnabled, lambda), {
      ...{ retries: RETRIES, minTimeout: RETRY_MS, factor: 1, ...(signal !== undefined && { signal }) },
      shouldRetry: ({ error }) => IN_CHANGE.has(error.name),
    });
  }

  async #switch(agent: string, isEnabled: boolean, lambda: Lambda): Promise<AgentMapping> {
    const found = await this.#find(agent, lambda);
    const mapping = asAgentMapping(agent, found);
    const wanted: readonly MappingState[] = isEnabled ? ['enabled', 'enabling'] : ['disabled', 'disabling'];
    if (wanted.includes(mapping.state)) return mapping;
    const change = lambda.updateEventSourceMapping({ UUID: mapping.uuid, Enabled: isEnabled });
    return asAgentMapping(agent, await this.#allowed('lambda:UpdateEventSourceMapping', agent, change));
  }

  async #find(agent: string, lambda: Lambda): Promise<EventSourceMappingConfiguration> {
    // Lambda refuses other names with an error that says nothing about agents.
    if (!/^[\w-]{1,60}$/.test(agent)) await this.#checkAgent(agent);
    const FunctionName = functionName(this.#mesh, agent);
    const listed = lambda.listEventSourceMappings({ FunctionName });
    const { EventSourceMappings = [] } = await this.#allowed('lambda:ListEventSourceMappings', agent, listed);
    const inbox = `:${inboxName(this.#mesh, agent)}`;
    const found = EventSourceMappings.find(({ EventSourceArn = '' }) => EventSourceArn.endsWith(inbox));
    if (found !== undefined) return found;
    await this.#checkAgent(agent);
    throw new NoMappingError(`function '${FunctionName}' at ${this.#aws.where} has no event source mapping for the inbox of '${agent}'`, {
      remedy: 'Deploy the stack of the agent again.',
    });
  }

  async #allowed<Answer extends object>(action: Action, agent: string, request: Promise<Answer>): Promise<Answer | Record<string, never>> {
    try {
      return await request;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (action === 'lambda:ListEventSourceMappings' && error.name === 'ResourceNotFoundException') return {};
      if (!DENIED.has(error.name)) throw error;
      const resource = functionName(this.#mesh, agent);
      throw new AccessDeniedError(`AWS denies ${action} for the function '${resource}'`, {
        cause: error,
        remedy: `Allow your role ${action}. Pausing and resuming need lambda:ListEventSourceMappings and lambda:UpdateEventSourceMapping.`,
      });
    }
  }
}

const DENIED: ReadonlySet<string> = new Set(['AccessDenied', 'AccessDeniedException']);
const IN_CHANGE: ReadonlySet<string> = new Set(['ResourceInUseException', 'ResourceConflictException']);

function asAgentMapping(agent: string, { UUID: uuid, State }: EventSourceMappingConfiguration): AgentMapping {
  if (uuid === undefined) throw new TypeError('Lambda returned an event source mapping without a UUID');
  return { agent, state: mappingState(State), uuid };
}
