import { Annotations, type Environment } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { EDGE_ID } from '../events/names.ts';
import { readSettings, type Settings } from './config.ts';
import { agentProblems, tokensVariable, tracingVariables } from './constructs/agent-problems.ts';
import type { Policy } from './define-policy.ts';
import type { AgentSource } from './discover-agents.ts';
import { environmentProblems } from './environment-problems.ts';
import { foreignAgents } from './foreign-agents.ts';
import { foreignCapabilities, offeredBy } from './foreign-capabilities.ts';
import { RefusedError } from './refused-error.ts';
import { AgentStack } from './stacks/agent-stack.ts';
import { MeshStack } from './stacks/mesh-stack.ts';
import { PolicyStack } from './stacks/policy-stack.ts';

/** Options of {@link addMesh}. */
export interface AddMeshProps {
  /** The agents, from {@link discoverAgents}. */
  readonly agents: readonly AgentSource[];
  /** Who may send to whom, from {@link definePolicy}. @default none: only the agents of this app send to each other, by `sendsTo` */
  readonly policy?: Policy;
  /** @default the settings in the app's context, by {@link readSettings} */
  readonly settings?: Settings;
  /** Account and region of all stacks. @default those of the CDK's command line */
  readonly env?: Environment;
}

/** The stacks that {@link addMesh} added. */
export interface AddedMesh {
  /** The stack of the shared resources; `undefined` in an app that joins another app's mesh. */
  readonly meshStack: MeshStack | undefined;
  /** The agents' stacks, by agent id. */
  readonly agentStacks: ReadonlyMap<string, AgentStack>;
}

/**
 * Adds a mesh to an app: a stack for the shared resources, one for the policy, if there is one, and one for each agent. With the setting
 * `join` it adds no shared resources, for a mesh that another app owns.
 *
 * An agent in `sendsTo` that this app does not have gets a warning, `posthorn:foreign-agent`, because another app may have it. If you
 * know that one does, call `Annotations.of(app).acknowledgeWarning('posthorn:foreign-agent')`. The metadata of the sender's template
 * lists the ids under `posthorn:foreign-agents`.
 *
 * A capability in `calls` that no agent of this app offers gets a warning, `posthorn:foreign-capability`. In an app that joins a mesh it
 * gets one only if its name is close to that of a capability of this app: other capabilities are those of other apps.
 *
 * @throws RefusedError naming each bad setting, each agent that AWS would refuse, `jwt` as `authentication` or `edgeAuthentication` without
 *   an issuer of tokens in the policy; and in an app that joins a mesh a policy without the setting `appName`, and a role with an action at
 *   the REST API, which is the owner's
 * @example
 * ```ts
 * import { join } from 'node:path';
 *
 * await runApp(async (app) => {
 *   addMesh(app, { agents: await discoverAgents(join(import.meta.dirname, '../agents')) });
 * });
 * ```
 */
export function addMesh(scope: Construct, { agents, env, policy, ...props }: AddMeshProps): AddedMesh {
  const { prefix, stage, join, appName, alertEmail, probeMinutes, dashboard, edge, edgeAuthentication, ...rest } =
    props.settings ?? readSettings(scope.node.getAllContext());
  const { agentEnvironment, issuersElsewhere, ...settings } = rest;
  const name = { prefix, stage };
  const issuers = policy?.issuers ?? [];
  const isElsewhere = join || issuersElsewhere;
  const definitions = agents.map(({ definition }) => definition);
  const problems = [
    ...environmentProblems(definitions, agentEnvironment),
    ...(join && policy !== undefined && appName === undefined ? [NAMELESS_POLICY] : []),
    ...(join ? (policy?.roles ?? []).flatMap(edgeProblems) : []),
    ...(settings.authentication === 'jwt' && !isElsewhere && !issuers.some(ofSenders) ? [noIssuer('authentication')] : []),
    ...(edgeAuthentication === 'jwt' && !isElsewhere && issuers.length === 0 ? [noIssuer('edgeAuthentication')] : []),
    ...definitions.flatMap((definition) =>
      agentProblems(name, definition, {
        ...definition.environment,
        ...agentEnvironment[definition.id],
        ...tokensVariable(settings),
        ...tracingVariables(settings),
      }),
    ),
  ];
  if (problems.length > 0) throw new RefusedError(problems);

  const place = env && { env };
  const { retainState, traceIndex, cloudWatch } = settings;
  const state = { retainState, traceIndex, alertEmail, probeMinutes, dashboard, cloudWatch, edge, edgeAuthentication };
  const meshStack = join ? undefined : new MeshStack(scope, { ...place, name, ...state });
  if (policy !== undefined) new PolicyStack(scope, { ...place, name, policy, ...(join && { appName }) });
  const ids = definitions.map(({ id }) => id);
  const offered = offeredBy(definitions);
  const agentStacks = agents.map(({ definition, folder }) => {
    const environment = agentEnvironment[definition.id];
    const stack = new AgentStack(scope, { ...settings, ...place, mesh: meshStack?.mesh ?? name, appName, definition, folder, environment });
    markForeign(stack, definition.id, foreignAgents(definition, ids));
    warnOfForeign(stack, definition.id, foreignCapabilities(definition, offered), join);
    return [definition.id, stack] as const;
  });
  return { meshStack, agentStacks: new Map(agentStacks) };
}

const noIssuer = (setting: string): string =>
  `setting '${setting}': jwt needs an issuer of tokens, and the policy has none; add one to its issuers, or set issuersElsewhere if something else registers it`;

/** Whether anybody may present its tokens with messages. */
const ofSenders = ({ senders }: Policy['issuers'][number]): boolean => senders.length > 0;

/** The registry takes from an app that joins a mesh no permission at the REST API. */
const edgeProblems = ({ id, permissions }: Policy['roles'][number]): readonly string[] =>
  Object.hasOwn(permissions, EDGE_ID)
    ? [`policy: roles.${id}.${EDGE_ID}: the REST API belongs to the app that owns the mesh; define the role in that app's policy`]
    : [];

const NAMELESS_POLICY =
  "setting 'appName' is missing: the policy of an app that joins a mesh applies to the agents of that app; set e.g. -c appName=shipping";

function markForeign(stack: AgentStack, agentId: string, foreign: ReturnType<typeof foreignAgents>): void {
  if (foreign.length === 0) return;
  stack.addMetadata(
    'posthorn:foreign-agents',
    foreign.map(({ id }) => id),
  );
  for (const { id, suggestion } of foreign) {
    const meant = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
    Annotations.of(stack).addWarningV2(
      'posthorn:foreign-agent',
      `agent '${agentId}': sendsTo names '${id}', which this app does not have; joined repositories may have it${meant}`,
    );
  }
}

/** In an app that joins a mesh, most capabilities that it calls are those of other apps. */
function warnOfForeign(stack: AgentStack, agentId: string, foreign: ReturnType<typeof foreignCapabilities>, isJoining: boolean): void {
  for (const { id, suggestion } of foreign) {
    if (isJoining && suggestion === undefined) continue;
    const meant = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
    Annotations.of(stack).addWarningV2(
      'posthorn:foreign-capability',
      `agent '${agentId}': calls names the capability '${id}', which no agent of this app offers: add it to the capabilities of the agent ` +
        `that does it, unless that is in another repository of the mesh${meant}`,
    );
  }
}
