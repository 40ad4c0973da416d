import type { Command } from 'commander';
import { failedQueueCommand } from './failed/command.ts';
import { deadLetterQueue } from './failed/failed-queue.ts';

/** `posthorn dlq`: messages whose attempts are used up. */
export const dlqCommand = (): Command =>
  failedQueueCommand(deadLetterQueue, 'messages whose attempts are used up: look at them, send them again');
