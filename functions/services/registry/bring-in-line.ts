import * as z from 'zod/mini';
import { describeIssues } from '../../../events/describe-issues.ts';
import { OWNER_APP, parseRegistrationName, REGISTRATIONS, type RegistrationKind, type RegistryItem } from '../../../events/registration.ts';
import { compileAccess, type Registrations } from './compile-access.ts';

/** An SSM parameter of the mesh. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** The parameters of a mesh, and its registry table. */
export interface RegistryPorts {
  /** All parameters under the mesh's path. */
  parameters(): Promise<readonly Parameter[]>;
  /** All items. Strongly consistent. */
  items(): Promise<readonly RegistryItem[]>;
  /** Writes an item if its revision is still `expected`; `undefined`: if there is none. */
  write(item: RegistryItem, expected: number | undefined): Promise<'written' | 'conflict'>;
  /** Removes an item if its revision is still the one given. */
  remove(item: RegistryItem): Promise<'written' | 'conflict'>;
  /** Epoch milliseconds. */
  now(): number;
}

/** What a run changed, and the parameters that it could not use. */
export interface RegistryReport {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** A sentence for each parameter that is ignored: its name, and why. */
  readonly ignored: readonly string[];
}

/** A conflict means that another run has made progress. */
const MAX_CONFLICTS = 5;

/**
 * Brings the registry table in line with the parameters. Any number of runs, at the same time too, end in the same table: items are
 * read before the parameters, and each write names the revision that it replaces, so that no run undoes a newer one. A removed item has
 * no revision: a slow run may write it again. Therefore a run that has changed anything reads everything once more.
 *
 * @throws Error when other runs came in between again and again, and whatever the ports throw
 */
export async function bringInLine(ports: RegistryPorts): Promise<RegistryReport> {
  const changes = { written: new Set<string>(), removed: new Set<string>() };
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; ) {
    const items = await ports.items();
    const { registrations, ignored } = readRegistrations(await ports.parameters());
    const result = await apply(items, itemsOf(registrations), { ports, ...changes });
    if (result === 'unchanged') return { written: [...changes.written], removed: [...changes.removed], ignored };
    if (result === 'conflict') conflicts++;
  }
  throw new Error(`the registry was changed by others during each of ${MAX_CONFLICTS} runs`);
}

async function apply(
  items: readonly RegistryItem[],
  wanted: ReadonlyMap<string, Omit<RegistryItem, 'revision'>>,
  { ports, written, removed }: { readonly ports: RegistryPorts; readonly written: Set<string>; readonly removed: Set<string> },
): Promise<'unchanged' | 'changed' | 'conflict'> {
  const existing = new Map(items.map((item) => [keyOf(item), item]));
  let result: 'unchanged' | 'changed' = 'unchanged';
  for (const [key, item] of wanted) {
    const current = existing.get(key);
    if (current?.value === item.value) continue;
    if ((await ports.write({ ...item, revision: Math.max((current?.revision ?? 0) + 1, ports.now()) }, current?.revision)) === 'conflict')
      return 'conflict';
    written.add(key);
    result = 'changed';
  }
  for (const item of items.filter((candidate) => !wanted.has(keyOf(candidate)))) {
    if ((await ports.remove(item)) === 'conflict') return 'conflict';
    removed.add(keyOf(item));
    result = 'changed';
  }
  return result;
}

const keyOf = ({ kind, id }: Pick<RegistryItem, 'kind' | 'id'>): string => `${kind} ${id}`;

function itemsOf(registrations: Registrations): ReadonlyMap<string, Omit<RegistryItem, 'revision'>> {
  const items = registrations.agents.flatMap((agent) => [
    { kind: 'agent' as const, id: agent.id, value: JSON.stringify(agent) },
    { kind: 'access' as const, id: agent.id, value: JSON.stringify(compileAccess(agent, registrations)) },
  ]);
  return new Map(items.map((item) => [keyOf(item), item]));
}

/** Parameters that are not valid are left out: one team's mistake must not close the mesh for the others. */
export function readRegistrations(parameters: readonly Parameter[]): {
  readonly registrations: Registrations;
  readonly ignored: readonly string[];
} {
  const ignored: string[] = [];
  const found = new Map<string, { readonly name: string; readonly kind: RegistrationKind; readonly value: object }>();
  for (const { name, value } of inOrder(parameters)) {
    const parsed = readParameter(name, value);
    if (typeof parsed === 'string') {
      ignored.push(`${name}: ${parsed}`);
      continue;
    }
    const { app, kind, id, registration } = parsed;
    // Role names are an app's own; ids of agents, producers and issuers are the mesh's.
    const key = kind === 'roles' ? `${kind} ${app} ${id}` : `${kind} ${id}`;
    const first = found.get(key);
    if (first === undefined) found.set(key, { name, kind, value: { ...registration, app } });
    else ignored.push(`${name}: ${first.name} has this id already`);
  }
  const ofKind = (kind: RegistrationKind) => [...found.values()].filter((each) => each.kind === kind).map(({ value }) => value);
  return { registrations: registrationsSchema.parse({ ...Object.fromEntries(KINDS.map((kind) => [kind, ofKind(kind)])) }), ignored };
}

/** The owner's first: another app cannot take an id from it. */
function inOrder(parameters: readonly Parameter[]): readonly Parameter[] {
  const isOwners = ({ name }: Parameter) => parseRegistrationName(name)?.app === OWNER_APP;
  const byName = [...parameters].sort((one, other) => (one.name < other.name ? -1 : 1));
  return [...byName.filter(isOwners), ...byName.filter((parameter) => !isOwners(parameter))];
}

const KINDS = ['agents', 'producers', 'roles', 'issuers'] as const;

const app = z.string();
const registrationsSchema = z.object({
  agents: z.array(z.extend(REGISTRATIONS.agents, { app })),
  producers: z.array(z.extend(REGISTRATIONS.producers, { app })),
  roles: z.array(z.extend(REGISTRATIONS.roles, { app })),
  issuers: z.array(z.extend(REGISTRATIONS.issuers, { app })),
});

function readParameter(name: string, text: string) {
  const place = parseRegistrationName(name);
  if (place === undefined) return `its name must end with <app>/<${KINDS.join('|')}>/<id>`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'its value must be JSON';
  }
  const parsed = z.safeParse(REGISTRATIONS[place.kind], value);
  if (!parsed.success) return describeIssues(parsed.error, value);
  return parsed.data.id === place.id ? { ...place, registration: parsed.data } : `its value has the id '${parsed.data.id}'`;
}
