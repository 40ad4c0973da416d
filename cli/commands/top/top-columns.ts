import { styleText } from 'node:util';
import type { AgentMetrics, Quantiles } from '../../../client/index.ts';
import { duration } from '../../duration.ts';
import { compactNumber } from './compact-number.ts';
import { isStale } from './is-stale.ts';

/** From here on there is room for medians and spaces. */
export const WIDE_COLUMNS = 110;

/** From here on there is room for the depths of the queues of failed messages, too. */
const WIDEST_COLUMNS = 120;

export interface TopColumn {
  readonly head: string;
  readonly cell: (metrics: AgentMetrics) => string;
  /** The terminal's width from which on there is room for it. @default any */
  readonly from?: number;
}

/** What is shown of an agent beside its name, on a terminal of that width. @param nowMs epoch milliseconds */
export function topColumns(width: number, nowMs: number): readonly TopColumn[] {
  const isWide = width >= WIDE_COLUMNS;
  const all: readonly TopColumn[] = [
    { head: 'MSG/S', cell: ({ outcomesPerSecond }) => rate(outcomesPerSecond) },
    { head: 'DONE', cell: ({ counts }) => count(counts.processed) },
    { head: 'REJ', cell: ({ counts }) => alarming(counts.rejected, 'yellow') },
    { head: 'DEAD', cell: ({ counts }) => alarming(counts.deadLettered, 'red') },
    { head: 'RETRY', cell: ({ counts }) => alarming(counts.retries, 'yellow') },
    { head: 'DUPL', cell: ({ counts }) => count(counts.duplicates), from: WIDE_COLUMNS },
    { head: 'QUEUED', cell: ({ queues }) => count(queues.inbox.visible + queues.inbox.delayed) },
    { head: 'BUSY', cell: ({ queues }) => count(queues.inbox.inFlight) },
    { head: 'ERRS', cell: ({ queues }) => alarming(depthOf(queues.errors), 'yellow'), from: WIDEST_COLUMNS },
    { head: 'DLQ', cell: ({ queues }) => alarming(depthOf(queues.deadLetters), 'red'), from: WIDEST_COLUMNS },
    { head: isWide ? 'WAIT P50/P95' : 'WAIT95', cell: ({ wait }) => durations(wait, isWide) },
    { head: isWide ? 'HANDLE P50/P95' : 'HAND95', cell: ({ handle }) => durations(handle, isWide) },
    { head: 'LOAD', cell: (metrics) => loadOf(metrics, nowMs) },
  ];
  return all.filter(({ from = 0 }) => width >= from);
}

function loadOf(metrics: AgentMetrics, nowMs: number): string {
  const { load, isPaused } = metrics;
  if (isStale(metrics, nowMs)) return styleText('red', 'stale');
  if (isPaused === true) return styleText('yellow', 'paused');
  return load === undefined ? '-' : `${Math.round(load * 100)}%`;
}

const count = (value: number): string => (value === 0 ? '-' : compactNumber(value));

const alarming = (value: number, colour: 'yellow' | 'red'): string => (value === 0 ? '-' : styleText(colour, count(value)));

const depthOf = ({ visible, inFlight, delayed }: AgentMetrics['queues']['inbox']): number => visible + inFlight + delayed;

function rate(value: number | undefined): string {
  if (value === undefined || value === 0) return '-';
  return value < 10 ? value.toFixed(1) : compactNumber(value);
}

function durations({ p50Ms, p95Ms }: Quantiles, isWide: boolean): string {
  if (p50Ms === undefined || p95Ms === undefined) return '-';
  return isWide ? `${shortDuration(p50Ms)} / ${shortDuration(p95Ms)}` : shortDuration(p95Ms);
}

/** In six characters: `310 ms`, `12m34s`. */
const shortDuration = (milliseconds: number): string => duration(milliseconds).replace(/(?<=[dhm]) /, '');
