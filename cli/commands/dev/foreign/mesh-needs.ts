import { closestMatch } from 'leven';
import * as z from 'zod/mini';
import { functionName, inboxName, type MeshName, meshOfContract, meshPrefix } from '../../../../events/names.ts';
import { doubleId } from '../../../../functions/runtime/aws/double-id.ts';
import type { Stack } from '../../../../local/template/assembly.ts';
import { calledIn, offeredIn } from './capabilities-in.ts';

/** An agent that an app sends to and does not have. */
export interface ForeignAgent {
  readonly mesh: MeshName;
  readonly id: string;
  /** Unique over all meshes. */
  readonly functionName: string;
  /** What agents of the app call it for; `undefined` where they only name it. */
  readonly capability?: string | undefined;
  /** A capability with a similar id that the app offers. */
  readonly suggestion?: string | undefined;
}

const isSame = (one: ForeignAgent, other: ForeignAgent): boolean =>
  one.functionName === other.functionName && one.capability === other.capability;

/** Those of a list that are not in another. */
export const withoutAgents = (agents: readonly ForeignAgent[], others: readonly ForeignAgent[]): readonly ForeignAgent[] =>
  agents.filter((agent) => !others.some((other) => isSame(agent, other)));

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
 * What the stacks of an app need of other apps: the state of a mesh, of whose contract they import the export and do not have it; the
 * agents that their metadata names as foreign; and for each capability that they call and do not offer an agent that does.
 */
export function meshNeeds(stacks: readonly Stack[]): MeshNeeds {
  const exported = new Set(stacks.flatMap(exportsOf));
  const imported = new Set(stacks.flatMap(({ template }) => [...importsIn(template.Resources)]));
  const joined = meshesOf([...imported].filter((name) => !exported.has(name)));
  const meshes = [...joined, ...meshesOf([...exported])];
  const queues = new Map(stacks.map((stack) => [stack, queuesOf(stack)]));
  const foreignAgents = meshes.flatMap((mesh) => {
    const ofMesh = stacks.filter((stack) => queues.get(stack)?.some((queue) => queue.startsWith(`${meshPrefix(mesh)}-`)));
    return foreignIn(mesh, ofMesh, new Set(ofMesh.flatMap((stack) => queues.get(stack) ?? [])));
  });
  return { joined, foreignAgents: foreignAgents.sort(byId) };
}

/** The foreign agents of one mesh. @param queues the names of its queues that the app has */
function foreignIn(mesh: MeshName, stacks: readonly Stack[], queues: ReadonlySet<string>): readonly ForeignAgent[] {
  const agentOf = (id: string) => ({ mesh, id, functionName: functionName(mesh, id) });
  const isOwn = (id: string) => queues.has(inboxName(mesh, id));
  const named = new Set(stacks.flatMap(({ template }) => idsSchema.parse(template.Metadata?.[FOREIGN_AGENTS])).filter((id) => !isOwn(id)));
  const offered = new Set(stacks.flatMap(offeredIn));
  const called = new Set(stacks.flatMap(calledIn).filter((capability) => !offered.has(capability)));
  const byAgent = new Map<string, ForeignAgent>([...named].map((id) => [id, agentOf(id)]));
  for (const capability of [...called].sort()) {
    const id = doubleId(capability, (taken) => isOwn(taken) || byAgent.get(taken)?.capability !== undefined);
    const suggestion = closestMatch(capability, [...offered], { maxDistance: Math.max(2, Math.floor(capability.length / 4)) });
    byAgent.set(id, { ...agentOf(id), capability, suggestion });
  }
  return [...byAgent.values()];
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
