import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AccessRecord } from '../../events/access-record.ts';
import { type MeshName, meshPrefix } from '../../events/names.ts';
import { registryTableName } from '../../events/registry.ts';
import { RegistryError } from '../errors.ts';
import { isDenied } from '../is-denied.ts';
import { accessRecord } from './access-records.ts';

/** What this client knows of who may send to an agent. */
export interface KnownAccess {
  /** `undefined` for an agent that is not registered, in a mesh without a registry, and where the registry may not be read. */
  readonly record: AccessRecord | undefined;
  /** The error for callers that need the record, if this client may not read the registry. */
  readonly denied: RegistryError | undefined;
}

/** The names of errors of a mesh without a registry, and of an endpoint without DynamoDB. */
const WITHOUT_REGISTRY = new Set(['ResourceNotFoundException', 'InvalidAction']);

/** Reads an agent's access record, if there is one and this client may. */
export async function knownAccess(dynamodb: DynamoDBClient, mesh: MeshName, agent: string): Promise<KnownAccess> {
  try {
    return { record: await accessRecord(dynamodb, mesh, agent), denied: undefined };
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    if (WITHOUT_REGISTRY.has(cause.name)) return { record: undefined, denied: undefined };
    if (isDenied(cause)) return { record: undefined, denied: unreadable(mesh, cause) };
    throw cause;
  }
}

const unreadable = (mesh: MeshName, cause: Error): RegistryError =>
  new RegistryError(
    `The registry of mesh ${meshPrefix(mesh)} shows who wrote the failure in this message's attributes, and this client may not read it`,
    {
      cause,
      remedy: `Give your role the permission dynamodb:GetItem on the table ${registryTableName(mesh)}.`,
    },
  );
