import { type Handler, invokeHandler } from './invoke-handler.ts';
import type { Isolate, IsolateOptions } from './isolate.ts';

let started = 0;

/**
 * Runs a function in this process, so that breakpoints and mocks work. Nothing can stop its code: after `end`, a current invocation
 * goes on, and its result is dropped.
 */
export function startInline(handler: Handler, options: IsolateOptions): Isolate {
  let isEnded = false;
  queueMicrotask(() => options.onMessage({ type: 'ready' }));
  return {
    pid: process.pid,
    id: `inline-${++started}`,
    send(invocation) {
      void invokeHandler(handler, invocation, options.environment).then((message) => {
        if (!isEnded) options.onMessage(message);
      });
    },
    async end() {
      if (isEnded) return;
      isEnded = true;
      options.onExit('was ended');
    },
  };
}
