import { join } from 'node:path';
import * as z from 'zod';
import type { AccessRecord } from '../../events/access-record.ts';
import { inboxName, meshName } from '../../events/names.ts';
import { agentRegistrationSchema, OWNER_APP } from '../../events/registration.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import { compileAccess } from '../../functions/services/registry/compile-access.ts';
import { discoverAgents } from '../../infra/index.ts';
import { samplePolicy } from '../../infra/policy.ts';

const AGENTS = join(import.meta.dirname, '../../functions/agents');

/** A role's id that says whose role it is: AWS makes the real one. */
export const placeholderId = (name: string): string => `AROA-${name}`;

const placeholderRole = (name: string) => ({ roleId: placeholderId(name), roleArn: `arn:aws:iam::000000000000:role/${name}` });

/** The access records of the sample mesh, as its registry compiles them. */
export async function sampleAccess(): Promise<readonly AccessRecord[]> {
  const definitions = (await discoverAgents(AGENTS)).map(({ definition }) => definition);
  const [uploader, analyst, operator] = [placeholderRole('uploader'), placeholderRole('analyst'), placeholderRole('operator')];
  const { producers, roles } = samplePolicy({ uploader, analyst, operator });
  const agents = definitions.map(registrationOf);
  const registrations = { agents, producers: producers.map(ofOwner), roles: roles.map(ofOwner), issuers: [], services: [] };
  return agents.map((agent) => compileAccess(agent, registrations));
}

const ofOwner = <Registration>(registration: Registration) => ({ ...registration, app: OWNER_APP });

/** What the agent's stack declares. */
const registrationOf = ({ id, version, capabilities, sendsTo, calls, receivesReplies, actions }: AgentDefinition) =>
  ofOwner(
    z.parse(agentRegistrationSchema, {
      id,
      version,
      capabilities: capabilities.map((capability) => capability.id),
      ...placeholderRole(id),
      queue: inboxName(meshName(), id),
      calls: sendsTo,
      callsCapabilities: calls,
      receivesReplies,
      authentication: 'iam',
      actions: Object.fromEntries(
        Object.entries(actions).map(([action, { types = [], allow = [] } = {}]) => [action, { types, allow }] as const),
      ),
    }),
  );
