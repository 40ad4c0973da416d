import type { Command } from 'commander';
import { errorQueue } from './failed-queue.ts';
import { failedQueueCommand } from './failed-queue-command.ts';

/** `posthorn errors`: messages that were rejected. */
export const errorsCommand = (): Command =>
  failedQueueCommand(errorQueue, 'messages that were rejected, because no retry could help: look at them, send them again');
