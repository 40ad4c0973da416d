import type { Settings } from './settings.ts';

/** How every AWS client of the command is configured. */
export const awsClientOptions = ({ endpointUrl, region, credentials }: Settings) => ({
  ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
  ...(region === undefined ? {} : { region }),
  ...(credentials === undefined ? {} : { credentials }),
  // Without a byte either way: an upload may take longer, as long as it goes on.
  requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
});
