import type { MeshClientOptions } from './mesh-client-options.ts';

/** How every AWS client is configured. */
export const awsClientOptions = ({ endpoint, region, credentials }: MeshClientOptions) => ({
  ...(endpoint !== undefined && { endpoint }),
  ...(region !== undefined && { region }),
  ...(credentials !== undefined && { credentials }),
  // The socket's limit is for silence: an upload may take longer, as long as bytes go on.
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
});
