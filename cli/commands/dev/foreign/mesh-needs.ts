import * as z from 'zod/mini';
import { functionName, inboxName, type MeshName, meshOfContract, meshPrefix } from '../../../../events/names.ts';
import type { Stack } from '../../../../local/template/assembly.ts';

/** An agent that an app sends to and does not have. */
export interface ForeignAgent {
  readonly mesh: MeshName;
  readonly id: string;
  /** Unique over all meshes. */
  readonly functionName: string;
}

/** Those of a list that are not in another. */
export const withoutAgents = (agents: readonly ForeignAgent[], others: readonly ForeignAgent[]): readonly ForeignAgent[] =>
  agents.filter((agent) => !others.some((other) => other.functionName === agent.functionName));

/** What the stacks of an app rely on that other apps have. */
export interface MeshNeeds {
  /** The meshes that the app joins: another app has their state. */
  readonly joined: readonly MeshName[];
  /** In alphabetical order, each once. */
  readonly foreignAgents: readonly ForeignAgent[];
}

const FOREIGN_AGENTS = 'posthorn:foreign-agents';

const idsSchema = z._default(z.array(z.string()), []);

/**
 * What the stacks of an app need of other apps: the state of a mesh, of whose contract they import the export and do not have it, and
 * the agents that their metadata names as foreign.
 */
export function meshNeeds(stacks: readonly Stack[]): MeshNeeds {
  const exported = new Set(stacks.flatMap(exportsOf));
  const imported = new Set(stacks.flatMap(({ template }) => [...importsIn(template.Resources)]));
  const joined = meshesOf([...imported].filter((name) => !exported.has(name)));
  const meshes = [...joined, ...meshesOf([...exported])];
  const queues = new Map(stacks.map((stack) => [stack, queuesOf(stack)]));
  const foreign = stacks.flatMap((stack) => {
    const mesh = meshes.find((name) => queues.get(stack)?.some((queue) => queue.startsWith(`${meshPrefix(name)}-`)));
    return mesh === undefined
      ? []
      : idsSchema.parse(stack.template.Metadata?.[FOREIGN_AGENTS]).map((id) => ({ mesh, id, functionName: functionName(mesh, id) }));
  });
  const own = new Set([...queues.values()].flat());
  const byInbox = new Map(foreign.map((agent) => [inboxName(agent.mesh, agent.id), agent]));
  return { joined, foreignAgents: [...byInbox].flatMap(([inbox, agent]) => (own.has(inbox) ? [] : [agent])).sort(byId) };
}

/** Of several versions of its contract, a mesh is there once. */
const meshesOf = (exportNames: readonly string[]): readonly MeshName[] => [
  ...new Map(exportNames.flatMap((name) => meshOfContract(name) ?? []).map((mesh) => [meshPrefix(mesh), mesh])).values(),
];

const byId = (one: ForeignAgent, other: ForeignAgent) => (one.id < other.id ? -1 : 1);

/** Names that are known before the stack is deployed. */
const exportsOf = ({ template }: Stack): readonly string[] =>
  Object.values(template.Outputs).flatMap(({ Export }) => (typeof Export?.Name === 'string' ? [Export.Name] : []));

const queuesOf = ({ template }: Stack): readonly string[] =>
  Object.values(template.Resources).flatMap(({ Type, Properties: { QueueName } }) =>
    Type === 'AWS::SQS::Queue' && typeof QueueName === 'string' ? [QueueName] : [],
  );

function* importsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Fn::ImportValue' && typeof inner === 'string') yield inner;
    else yield* importsIn(inner);
  }
}
