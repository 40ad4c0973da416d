import {
  ABOVE_GOAL_MESSAGE,
  BRAKED_MESSAGE,
  BRAKED_TOO_LONG_MS,
  BRAKING_PRESSURE,
  type LoadReading,
  ownLoad,
} from '../../../events/load-reading.ts';
import type { ProbePorts } from './probe-ports.ts';

/**
 * A reading with what it has of the one before: since when the agent holds its producers back, and what it could handle when it last had
 * something to do. So a batch each night begins with what the agent did the night before.
 */
export function continued(agent: string, measured: LoadReading, last: LoadReading | undefined): LoadReading {
  const reading = { ...measured, capacityPerSecond: measured.capacityPerSecond ?? last?.capacityPerSecond };
  const isBraking = (ownLoad(agent, reading)?.pressure ?? 0) >= BRAKING_PRESSURE;
  return isBraking ? { ...reading, brakedSince: last?.brakedSince ?? reading.at } : reading;
}

/** Logs what the alarms count: an agent by itself, so that they name the one that is slow and not those before it. */
export function logBrakes(agent: string, reading: LoadReading, { logger }: Pick<ProbePorts, 'logger'>): void {
  const { at, backlog, drainPerSecond, goalSeconds, brakedSince, isStalled } = reading;
  const pressure = ownLoad(agent, reading)?.pressure ?? 0;
  const facts = { agent, backlog, drainPerSecond, goalSeconds, isStalled };
  if (pressure > 1) logger.warn(ABOVE_GOAL_MESSAGE, { ...facts, ...(!isStalled && { expectedWaitSeconds: pressure * goalSeconds }) });
  if (brakedSince !== undefined && at - brakedSince >= BRAKED_TOO_LONG_MS)
    logger.warn(BRAKED_MESSAGE, { ...facts, brakedSeconds: (at - brakedSince) / 1_000 });
}
