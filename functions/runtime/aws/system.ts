import { randomUUID } from 'node:crypto';
import type { Clock, Entropy } from '../ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  soon: (callback) => {
    setImmediate(callback);
  },
};

export const systemEntropy: Entropy = { uuid: () => randomUUID(), fraction: () => Math.random() };
