import { setTimeout } from 'node:timers/promises';
import logUpdate from 'log-update';
import { type AgentMetrics, MeshClient } from '../../../client/index.ts';
import { interruptible } from '../../interrupt.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import { topText } from './top-text.ts';

/** Shows the agents' metrics: once, or again and again in the same place until Ctrl-C. */
export async function top(flags: { readonly once: boolean; readonly interval: number }, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  const isRefreshed = !flags.once && (settings.json || process.stdout.isTTY === true);
  try {
    await interruptible(async (signal) => {
      const { exitCode } = process;
      do {
        const metrics = await mesh.metrics();
        if (settings.json) printJson(metrics.map(asRecord));
        else show(topText(metrics, { nowMs: Date.now(), columns: process.stdout.columns ?? 80 }), isRefreshed);
        if (isRefreshed) await setTimeout(flags.interval * 1_000, undefined, { signal }).catch(() => undefined);
      } while (isRefreshed && !signal.aborted);
      // Ctrl-C is the intended end.
      process.exitCode = exitCode;
    });
  } finally {
    if (isRefreshed && !settings.json) logUpdate.done();
    await mesh[Symbol.asyncDispose]();
  }
}

function show(text: string, isRefreshed: boolean): void {
  if (isRefreshed) logUpdate(text);
  else console.log(text);
}

/** JSON has no `undefined`: what was not measured is `null`. */
function asRecord({
  at,
  windowSeconds,
  outcomesPerSecond,
  load,
  expectedWaitSeconds,
  isPaused,
  reading,
  wait,
  handle,
  critical,
  ...rest
}: AgentMetrics): object {
  const quantiles = ({ count, p50Ms, p95Ms }: AgentMetrics['wait']) => ({ count, p50Ms: p50Ms ?? null, p95Ms: p95Ms ?? null });
  return {
    ...rest,
    at: at.toISOString(),
    windowSeconds: windowSeconds ?? null,
    outcomesPerSecond: outcomesPerSecond ?? null,
    load: load ?? null,
    expectedWaitSeconds: expectedWaitSeconds ?? null,
    isPaused: isPaused ?? null,
    reading: reading ?? null,
    wait: quantiles(wait),
    handle: quantiles(handle),
    critical: quantiles(critical),
  };
}
