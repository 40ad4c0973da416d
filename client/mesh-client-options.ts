import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import type { MeshName } from '../events/names.ts';

/** The name of the mesh, and how to reach AWS. */
export interface MeshClientOptions extends Partial<MeshName> {
  /** The AWS endpoint, e.g. `http://127.0.0.1:4566`. @default AWS itself */
  readonly endpoint?: string | undefined;
  /** @default the region of the environment or the AWS profile */
  readonly region?: string | undefined;
  /** @default what the AWS SDK finds: environment, profile, role */
  readonly credentials?: SQSClientConfig['credentials'] | undefined;
  /**
   * Whether to send with a token (`jwt`) or without one (`iam`).
   *
   * @default as the agent requires, which the client reads from the mesh's registry, at most once a minute for each agent; `iam` if it may
   *   not read the registry
   */
  readonly authentication?: 'iam' | 'jwt' | undefined;
}
