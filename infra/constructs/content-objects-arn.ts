import { Aws, type Stack } from 'aws-cdk-lib';
import { contentBucketName, type MeshName } from '../../events/names.ts';

/** The objects that agents may read and write: content under its digest. By name: a reference would hide the pattern in an import. */
export const contentObjectsArn = (stack: Stack, mesh: MeshName): string =>
  stack.formatArn({
    service: 's3',
    region: '',
    account: '',
    resource: `${contentBucketName(mesh, Aws.ACCOUNT_ID, Aws.REGION)}/sha-256/*`,
  });
