import type { Command } from 'commander';
import { deadLetterQueue } from './failed-queue.ts';
import { failedQueueCommand } from './failed-queue-command.ts';

/** `posthorn dlq`: messages whose attempts are used up. */
export const dlqCommand = (): Command =>
  failedQueueCommand(deadLetterQueue, 'messages whose attempts are used up: look at them, send them again');
