import { assumptions } from './assumptions.ts';
import { prices } from './prices.ts';

const SECONDS_PER_MONTH = 30 * 86_400;

const perMillion = (count: number, price: number): number => (count * price) / 1e6;

/** What a read unit reads, in KB. */
const UNIT_KB = 4.096;

/** Read units of a find: the offers of one capability, eventually consistent. Above a megabyte, each page is rounded up by itself. */
export const findUnits = (matches: number): number => Math.ceil((matches * assumptions.offerKb) / UNIT_KB) / 2;

/** Read units of a scan of the table of offers, strongly consistent. */
const scanUnits = (offers: number): number => Math.max(1, Math.ceil((offers * assumptions.offerKb) / UNIT_KB));

/** Dollars. */
export interface FindCost {
  readonly millionFinds: number;
  /** A process that sends messages to the capability all the time: it reads once in {@link assumptions.offersFreshSeconds}. */
  readonly processMonth: number;
  /** Of such a process, by how many messages it sends. */
  readonly millionMessages: (perSecond: number) => number;
}

/** @param matches the offers of the capability */
export function findCost(matches: number): FindCost {
  const millionFinds = findUnits(matches) * prices.readUnitsPerMillion;
  return {
    millionFinds,
    processMonth: perMillion(SECONDS_PER_MONTH / assumptions.offersFreshSeconds, millionFinds),
    millionMessages: (perSecond) => millionFinds / Math.max(1, perSecond * assumptions.offersFreshSeconds),
  };
}

/** Dollars a month of the mesh's own reads and writes of its offers. */
export interface OffersCost {
  /** One at each run of the probe: it looks for rollouts, and for capabilities without a healthy agent. */
  readonly probeScans: number;
  /** One at each run of the registry on its schedule. */
  readonly registryScans: number;
  /** The probe's, if all agents have traffic: one for each offer at each run. */
  readonly healthWrites: number;
}

/** @param offers of all capabilities together */
export function offersCost(offers: number, probeMinutes = 1): OffersCost {
  const scans = (minutes: number) => perMillion((SECONDS_PER_MONTH / 60 / minutes) * scanUnits(offers), prices.readUnitsPerMillion);
  return {
    probeScans: scans(probeMinutes),
    registryScans: scans(assumptions.registryMinutes),
    healthWrites: perMillion((SECONDS_PER_MONTH / 60 / probeMinutes) * offers, prices.writeUnitsPerMillion),
  };
}
