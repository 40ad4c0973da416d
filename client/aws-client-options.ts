import type { MeshClientOptions } from './mesh-client-options.ts';

/** The configuration of every AWS client. */
export const awsClientOptions = ({ endpoint, region, credentials }: MeshClientOptions) => ({
  ...(endpoint !== undefined && { endpoint }),
  ...(region !== undefined && { region }),
  ...(credentials !== undefined && { credentials }),
  // The socket timeout limits silence only: an upload may take longer while bytes flow.
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
});
