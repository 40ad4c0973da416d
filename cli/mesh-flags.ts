import { DEFAULT_PREFIX, DEFAULT_STAGE } from '../events/names.ts';
import type { Settings } from './settings.ts';

/** The options with which another command finds the mesh of these settings. */
export const meshFlags = ({ endpoint, region, prefix, stage }: Settings): string =>
  [
    ...(endpoint === undefined ? [] : [`--endpoint-url ${endpoint}`]),
    ...(region === undefined || region === 'us-east-1' ? [] : [`--region ${region}`]),
    ...(stage === DEFAULT_STAGE ? [] : [`--stage ${stage}`]),
    ...(prefix === DEFAULT_PREFIX ? [] : [`--prefix ${prefix}`]),
  ].join(' ');
