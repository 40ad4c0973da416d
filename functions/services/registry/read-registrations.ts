import * as z from 'zod/mini';
import { describeIssues } from '../../../events/describe-issues.ts';
import {
  OWNER_APP,
  parseRegistrationName,
  REGISTRATIONS,
  type RegistrationKind,
  type RegistrationName,
} from '../../../events/registration.ts';
import { fromJson, type Holdings, idKey } from './holders.ts';
import type { Registrations } from './registrations.ts';

/** An SSM parameter of the mesh. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** What the parameters declare. */
export interface Declared {
  readonly registrations: Registrations;
  /** The ids whose app has a parameter that is not valid, by {@link idKey}: no other app gets them. */
  readonly reserved: ReadonlySet<string>;
  /** A sentence for each parameter that is not used. */
  readonly ignored: readonly string[];
}

const KINDS = ['agents', 'producers', 'roles', 'issuers', 'services'] as const;

const app = z.string();
const registrationsSchema = z.object({
  agents: z.array(z.extend(REGISTRATIONS.agents, { app })),
  producers: z.array(z.safeExtend(REGISTRATIONS.producers, { app })),
  roles: z.array(z.extend(REGISTRATIONS.roles, { app })),
  issuers: z.array(z.extend(REGISTRATIONS.issuers, { app })),
  services: z.array(z.extend(REGISTRATIONS.services, { app })),
});

interface Found {
  readonly name: string;
  readonly place: RegistrationName;
  /** `undefined`: not valid. */
  readonly value: object | undefined;
}

/** Parameters that are not valid are left out: one team's mistake must not close the mesh for the others. */
export function readRegistrations(parameters: readonly Parameter[], holdings: Holdings = new Map()): Declared {
  const ignored: string[] = [];
  const found = new Map<string, Found>();
  for (const { name, value, place } of inOrder(parameters, holdings)) {
    if (place === undefined) {
      ignored.push(`${name}: its name must end with <app>/<${KINDS.join('|')}>/<id>`);
      continue;
    }
    const registration = readParameter(place, value);
    if (typeof registration === 'string') ignored.push(`${name}: ${registration}`);
    const key = place.kind === 'roles' ? `${place.app} ${place.id}` : idKey(place.kind, place.id);
    const first = found.get(key);
    if (first !== undefined) {
      if (typeof registration === 'object') ignored.push(`${name}: ${first.name} has this id already`);
    } else if (typeof registration === 'object') {
      found.set(key, { name, place, value: { ...registration, app: place.app } });
    } else if (rankOf(place, holdings) < OTHERS) {
      found.set(key, { name, place, value: undefined });
    }
  }
  // Who held an id before decides who has it. It does not decide the order.
  const all = [...found].sort(([, one], [, other]) => compare(rankOf(one.place), rankOf(other.place)) || compare(one.name, other.name));
  const ofKind = (kind: RegistrationKind) => all.flatMap(([, { place, value }]) => (place.kind === kind && value ? [value] : []));
  return {
    registrations: registrationsSchema.parse(Object.fromEntries(KINDS.map((kind) => [kind, ofKind(kind)]))),
    reserved: new Set(all.flatMap(([key, { value }]) => (value === undefined ? [key] : []))),
    ignored,
  };
}

const OTHERS = 2;

/** The owner has every id that it wants. After that, an app has the ids that it had before. */
function rankOf({ app: of, kind, id }: RegistrationName, holdings?: Holdings): number {
  if (of === OWNER_APP) return 0;
  return kind !== 'roles' && holdings?.get(idKey(kind, id))?.app === of ? 1 : OTHERS;
}

function inOrder(parameters: readonly Parameter[], holdings: Holdings) {
  const rank = (place: RegistrationName | undefined) => (place === undefined ? OTHERS : rankOf(place, holdings));
  return parameters
    .map((parameter) => ({ ...parameter, place: parseRegistrationName(parameter.name) }))
    .sort((one, other) => compare(rank(one.place), rank(other.place)) || compare(one.name, other.name));
}

function compare<Value extends string | number>(one: Value, other: Value): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function readParameter({ app: of, kind, id }: RegistrationName, text: string): object | string {
  if (kind === 'services' && of !== OWNER_APP) return `only the app that owns the mesh, '${OWNER_APP}', has services`;
  const value = fromJson(text);
  if (value === undefined) return 'its value must be JSON';
  const parsed = z.safeParse(REGISTRATIONS[kind], value);
  if (!parsed.success) return describeIssues(parsed.error, value);
  return parsed.data.id === id ? parsed.data : `its value has the id '${parsed.data.id}'`;
}
