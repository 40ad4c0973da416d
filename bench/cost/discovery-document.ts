import { assumptions } from './assumptions.ts';
import { findCost, findUnits, offersCost } from './discovery-cost.ts';
import { markdownTable } from './markdown-table.ts';

const MATCHES = [1, 20, 200, 10_000];
const OFFERS = [10, 100, 1_000, 10_000];

const dollars = (amount: number): string => amount.toFixed(2);
const cents = (amount: number): string => amount.toFixed(3);
const micros = (amount: number): string => amount.toFixed(6);

const findRows = MATCHES.map((matches) => {
  const { millionFinds, processMonth, millionMessages } = findCost(matches);
  return [
    matches.toLocaleString('en'),
    String(findUnits(matches)),
    dollars(millionFinds),
    dollars(processMonth),
    micros(millionMessages(1_000)),
  ];
});

const offersRows = OFFERS.map((offers) => {
  const { probeScans, registryScans, healthWrites } = offersCost(offers);
  return [offers.toLocaleString('en'), ...[probeScans, registryScans, healthWrites].map(cents)];
});

/** The section of docs/cost.md on finding agents. */
export const discoveryDocument = (): string => `## What discovery costs

An agent and a capability of it are an offer of ${assumptions.offerKb} KB. A find reads the offers of one capability, whatever
else the mesh has: half a read unit for each begun 4 KB. A process that sends to a capability reads them at most once in
${assumptions.offersFreshSeconds} seconds. Dollars for a million finds, for a month of a process that never stops sending, and for a million
messages of a process that sends 1,000 a second:

${markdownTable(['agents of the capability', 'read units', 'a million finds', 'a month of a process', 'a million messages'], findRows)}

A process that sends less than a message in ${assumptions.offersFreshSeconds} seconds has a find for each.

The mesh itself reads all offers: the probe each minute (\`probeMinutes\`), for rollouts and for capabilities without a
healthy agent; the registry every ${assumptions.registryMinutes} minutes, and at each deployment. The probe writes the health of agents that
have traffic into their offers. Dollars a month:

${markdownTable(['offers of the mesh', "the probe's scans", "the registry's scans", 'health, if all have traffic'], offersRows)}
`;
