import type { Settings } from './settings.ts';

/** Emulators check no signature, but the SDK insists on having something to sign with. */
const DUMMY_CREDENTIALS = { accessKeyId: 'posthorn', secretAccessKey: 'posthorn' };

/** How every AWS client of the command is configured. */
export function awsClientOptions({ endpointUrl, region, local }: Settings) {
  const hasCredentials = process.env.AWS_ACCESS_KEY_ID || process.env.AWS_PROFILE;
  return {
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(region === undefined ? {} : { region }),
    ...(local && !hasCredentials ? { credentials: DUMMY_CREDENTIALS } : {}),
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
  };
}
