import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import type { MeshName } from '../events/names.ts';

/** Which mesh, and how AWS is reached. */
export interface MeshClientOptions extends Partial<MeshName> {
  /** Where AWS is, e.g. `http://127.0.0.1:4566`. @default AWS itself */
  readonly endpoint?: string | undefined;
  /** @default that of the environment or the AWS profile */
  readonly region?: string | undefined;
  /** @default what the AWS SDK finds: environment, profile, role */
  readonly credentials?: SQSClientConfig['credentials'] | undefined;
}
