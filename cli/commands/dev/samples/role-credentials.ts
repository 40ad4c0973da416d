import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsClientOptions } from '../../../../client/aws-client-options.ts';
import { meshPrefix } from '../../../../events/names.ts';
import { CliError } from '../../../cli-error.ts';
import type { Settings } from '../../../settings.ts';

/** What a request is signed with. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/**
 * Credentials of a role of the mesh's account. What they send carries the role's id.
 *
 * @param sender the role's name without the mesh's prefix
 * @throws CliError naming the role when STS gives none
 */
export async function roleCredentials(sender: string, settings: Settings): Promise<RoleCredentials> {
  const roleName = `${meshPrefix(settings)}-${sender}`;
  const sts = new STSClient(awsClientOptions(settings));
  try {
    const { Account } = await sts.send(new GetCallerIdentityCommand());
    const RoleArn = `arn:aws:iam::${Account}:role/${roleName}`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'posthorn-samples' }));
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw new CliError(`STS gave no credentials of the role ${roleName}`);
    }
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  } finally {
    sts.destroy();
  }
}
