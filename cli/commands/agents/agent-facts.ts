import type { AgentSummary } from '../../../client/index.ts';
import { age } from '../../age.ts';
import { duration } from '../../duration.ts';

type Health = Pick<AgentSummary, 'isHealthy' | 'isPaused' | 'at'>;

/** How an agent does, in a word. Before its first snapshot nothing is known. */
export function healthText({ isHealthy, isPaused, at }: Health): string {
  if (!isHealthy) return 'ejected';
  if (isPaused === true) return 'paused';
  return at === undefined ? '-' : 'healthy';
}

/** Why an agent is ejected; empty for one that is not. */
export const ejectedText = ({ isHealthy, reason }: Pick<AgentSummary, 'isHealthy' | 'reason'>): string =>
  isHealthy ? '' : `ejected: ${reason ?? 'the probe found it bad'}`;

export const latencyText = (milliseconds: number | undefined): string => (milliseconds === undefined ? '-' : duration(milliseconds));

export const waitText = (seconds: number | undefined): string => latencyText(seconds === undefined ? undefined : seconds * 1_000);

/** @param nowMs epoch milliseconds */
export const lastSeenText = (at: Date | undefined, nowMs: number): string =>
  at === undefined ? 'never' : `${age(nowMs - at.getTime())} ago`;
