import { setTimeout } from 'node:timers/promises';
import { type AccessRecord, ANY, knownPrincipal, READ_ACTION, REDRIVE_ACTION, ruleFor } from '../../events/access-record.ts';
import type { Issuer } from '../../events/issuer.ts';
import { EDGE_ID, functionName, type MeshName, meshPrefix, REGISTRY_SERVICE } from '../../events/names.ts';
import {
  OWNER_APP,
  type ProducerRegistration,
  parseRegistrationName,
  type RegistrationKind,
  type RoleRegistration,
  registrationName,
} from '../../events/registration.ts';
import { AwsClients } from '../aws-clients.ts';
import { RegistryError } from '../errors.ts';
import { accessRecord, accessRecords } from './access-records.ts';

/** An emulator of AWS. */
export interface OperatedCloud {
  readonly endpoint: string;
  readonly region: string;
  readonly resources: readonly { readonly type: string; readonly physicalName: string }[];
  putParameter(name: string, value: string): void;
}

/** The user of an emulator. */
export interface Operator {
  /** What the emulator stamps on the user's messages. */
  readonly principalId: string;
  /** The subject of the user's tokens. */
  readonly arn: string;
}

/** The name of the operator, and of its role. */
const LAPTOP = 'laptop';

/** The emulator issues tokens as STS does. An endpoint has another issuer at each port. */
const issuerOf = ({ endpoint }: OperatedCloud): Issuer => ({
  id: LAPTOP,
  issuer: `${endpoint}/sts-issuer`,
  keys: { jwksUri: `${endpoint}/sts-issuer/.well-known/jwks.json` },
  senders: 'subject',
});

const POLL_MS = 25;
const MAX_WAIT_MS = 120_000;

/**
 * Lets the user of an emulator do everything in its meshes, from any source and on behalf of any user. On AWS, a policy gives an operator
 * its permissions. Resolves when every registered agent knows the operator, and the REST API too, if it asks for tokens.
 *
 * @throws RegistryError when the registry did not apply the operator's registrations in two minutes
 */
export async function admitOperator(cloud: OperatedCloud, operator: Operator): Promise<void> {
  const parameters = cloud.resources.filter(({ type }) => type === 'AWS::SSM::Parameter');
  const registered = parameters.flatMap(({ physicalName }) => parseRegistrationName(physicalName) ?? []);
  const meshes = new Map(registered.map(({ mesh }) => [meshPrefix(mesh), mesh]));
  for (const [prefix, mesh] of meshes) {
    const targets = registered.filter(({ kind, mesh: of }) => TARGETS.has(kind) && meshPrefix(of) === prefix).map(({ id }) => id);
    await admitTo(mesh, targets, cloud, operator);
  }
}

/** The kinds of registrations for which the registry has an access record. */
const TARGETS: ReadonlySet<RegistrationKind> = new Set(['agents', 'services']);

async function admitTo(mesh: MeshName, targets: readonly string[], cloud: OperatedCloud, { principalId, arn }: Operator): Promise<void> {
  const producer: ProducerRegistration = { id: LAPTOP, principalIds: [principalId], arn, sources: [ANY], onBehalfOf: true };
  const issuer = issuerOf(cloud);
  const permissions = { [ANY]: [ANY, REDRIVE_ACTION], [EDGE_ID]: [READ_ACTION] };
  const role: RoleRegistration = { id: LAPTOP, permissions, members: [{ producer: LAPTOP }] };
  const { endpoint, region } = cloud;
  const clients = new AwsClients({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  try {
    const knows = (access: AccessRecord | undefined) =>
      access !== undefined && mayDoAll(access, principalId) && access.issuers.some((known) => known.issuer === issuer.issuer);
    const missing = async () => {
      const knowing = new Set((await accessRecords(clients.dynamodb, mesh)).filter(knows).map(({ agent }) => agent));
      return targets.filter((id) => !knowing.has(id));
    };
    const left = await missing();
    if (left.length === 0) return;
    cloud.putParameter(registrationName(mesh, OWNER_APP, 'issuers', LAPTOP), JSON.stringify(issuer));
    cloud.putParameter(registrationName(mesh, OWNER_APP, 'roles', LAPTOP), JSON.stringify(role));
    cloud.putParameter(registrationName(mesh, OWNER_APP, 'producers', LAPTOP), JSON.stringify(producer));
    const endsAt = Date.now() + MAX_WAIT_MS;
    // One after the other: each record names everyone in the mesh, so to read all of them again and again takes longer than to write them.
    for (const id of left) {
      while (!knows(await accessRecord(clients.dynamodb, mesh, id))) {
        if (Date.now() > endsAt) {
          throw new RegistryError(
            `The registry of mesh ${meshPrefix(mesh)} did not register ${(await missing()).join(', ')} in time: ` +
              `see the log of the function ${functionName(mesh, REGISTRY_SERVICE)}`,
          );
        }
        await setTimeout(POLL_MS);
      }
    }
  } finally {
    clients.destroy();
  }
}

/** Its role did not always have these actions. */
function mayDoAll(access: AccessRecord, principalId: string): boolean {
  const principal = knownPrincipal(access, principalId);
  return principal !== undefined && ruleFor(principal, access.agent === EDGE_ID ? READ_ACTION : REDRIVE_ACTION) !== undefined;
}
