import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ANY } from '../../events/access-record.ts';
import type { MeshName } from '../../events/names.ts';
import { OWNER_APP, type ProducerRegistration, type RegistrationKind, type RoleRegistration, registrationName } from '../../events/registration.ts';

/** The name of the operator, and of its role. */
const LAPTOP = 'laptop';

/**
 * Registers a principal that may do everything in a mesh, from any source and on anybody's behalf: the person at a mesh on their own
 * machine. On AWS a policy gives an operator what it needs.
 *
 * @param principalId what the emulator stamps on the messages of its user
 */
export async function registerOperator(ssm: SSMClient, mesh: MeshName, principalId: string): Promise<void> {
  const producer: ProducerRegistration = { id: LAPTOP, principalIds: [principalId], sources: [ANY], onBehalfOf: true };
  const role: RoleRegistration = { id: LAPTOP, permissions: { [ANY]: [ANY] }, members: [{ producer: LAPTOP }] };
  const put = (kind: RegistrationKind, registration: ProducerRegistration | RoleRegistration) =>
    ssm.send(
      new PutParameterCommand({
        Name: registrationName(mesh, OWNER_APP, kind, LAPTOP),
        Value: JSON.stringify(registration),
        Type: 'String',
        Overwrite: true,
      }),
    );
  await put('roles', role);
  await put('producers', producer);
}
