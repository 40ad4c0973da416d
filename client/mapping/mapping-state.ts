/**
 * The state of an agent's event source mapping. `enabled`: Lambda receives its messages. `disabled`: messages wait, and no receive is
 * used. Lambda needs up to a minute for the change, `disabling` or `enabling`. A deployment is `creating`, `updating` or `deleting`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
 */
export type MappingState = 'enabled' | 'disabled' | 'enabling' | 'disabling' | 'creating' | 'updating' | 'deleting';

const MAPPING_STATES: readonly MappingState[] = ['enabled', 'disabled', 'enabling', 'disabling', 'creating', 'updating', 'deleting'];

/** @param state as Lambda names it, e.g. `Enabled` @throws TypeError for one that Lambda does not have */
export function mappingState(state: string | undefined): MappingState {
  const found = MAPPING_STATES.find((name) => name === state?.toLowerCase());
  if (found === undefined) throw new TypeError(`Lambda returned the unknown state ${state} of an event source mapping`);
  return found;
}

/** Whether an agent with such a mapping is paused, or is in a minute at most. */
export const isPausing = (state: MappingState): boolean => state === 'disabled' || state === 'disabling';
