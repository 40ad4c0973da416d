import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** The machine of a measurement. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** Runnable processes, averaged over 1, 5 and 15 minutes. More than the number of cores means noise. */
  readonly loadAverage: readonly number[];
}

export const machine = (): Machine => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGib: Math.round(totalmem() / 2 ** 30),
  loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
});

export const machineLine = ({ node, platform, cpu, cores, memoryGib, loadAverage }: Machine): string =>
  `Node ${node}, ${platform}, ${cores} cores (${cpu}), ${memoryGib} GiB, load average ${loadAverage.join(' ')}`;
