import type { Settings } from './settings.ts';

/** The options that lead another command, called from anywhere, to the mesh of these settings. */
export const meshFlags = ({ endpointUrl, region, stage }: Settings): string =>
  [
    ...(endpointUrl === undefined ? [] : [`--endpoint-url ${endpointUrl}`]),
    ...(region === undefined || region === 'us-east-1' ? [] : [`--region ${region}`]),
    ...(stage === 'dev' ? [] : [`--stage ${stage}`]),
  ].join(' ');
