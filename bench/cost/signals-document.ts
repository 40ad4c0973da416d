import { assumptions } from './assumptions.ts';
import { edgeCost } from './edge-cost.ts';
import { idleAgent, idleMesh, type MonthlyCost, monthlyTotal } from './idle-cost.ts';
import { markdownTable } from './markdown-table.ts';
import { prices } from './prices.ts';
import { signalsCost, tracesCost } from './signals-cost.ts';

const PROD_ALARMS = 6;
const OTHER_ALARMS = 4;
const AGENTS = [1, 10, 100];

const dollars = (amount: number): string => amount.toFixed(2);
const cents = (amount: number): string => amount.toFixed(3);

const signalRows = [10, 1].flatMap((batchSize) =>
  [1, 0.1, 0].map((journeys) => {
    const { metricsRecord, auditLine, journeyIndex } = signalsCost(batchSize, journeys);
    const sum = metricsRecord + auditLine + journeyIndex;
    return [String(batchSize), String(journeys), ...[metricsRecord, auditLine, journeyIndex].map(dollars), `**${dollars(sum)}**`];
  }),
);

const traceRows = [1, 0.1, 0].map((share) => {
  const { gigabytes, xray } = tracesCost(share);
  return [String(share), gigabytes.toFixed(2), dollars(gigabytes * prices.logsPerGb), dollars(xray)];
});

const monthlyTable = (cost: MonthlyCost): string =>
  markdownTable(
    ['dollars a month', 'value'],
    [...Object.entries(cost).map(([name, amount]) => [name, cents(amount)]), ['total', `**${cents(monthlyTotal(cost))}**`]],
  );

const [prod, other, mesh] = [idleAgent(PROD_ALARMS), idleAgent(OTHER_ALARMS), idleMesh()];
const seldom = (minutes: number, agents: number): number =>
  monthlyTotal(idleMesh(minutes)) + agents * monthlyTotal(idleAgent(PROD_ALARMS, minutes));

const meshRows = AGENTS.map((agents) => [
  String(agents),
  dollars(seldom(1, agents)),
  dollars(seldom(5, agents)),
  dollars(seldom(1, agents) - prices.dashboardPerMonth),
]);

const MINUTES_PER_MONTH = 30 * 24 * 60;

const edgeRows = (['iam', 'jwt'] as const).map((authentication) => {
  const { gateway, operations, authorizer, accessLog } = edgeCost(authentication);
  const sum = gateway + operations + authorizer + accessLog;
  const scrapes = (sum * MINUTES_PER_MONTH) / 1e6;
  return [authentication, ...[gateway, operations, authorizer, accessLog].map(dollars), `**${dollars(sum)}**`, cents(scrapes)];
});

/** The sections of docs/cost.md on signals and on what a mesh costs without messages. */
export const signalsDocument = (): string => `## What signals cost

Dollars for a million messages, without the storage of the ledger. *journeys* is the share of journeys in the ledger's
index:

${markdownTable(['batch', 'journeys', 'metrics record', 'audit line', 'index', 'total'], signalRows)}

- **The metrics record** is one write unit for each invocation, so its price for a message depends on the batch. An
  agent with counters and timers of its own pays as much again.
- **The audit line** costs the same in any batch. \`logLevel\` WARN keeps it for failures only.
- **Alarms and the dashboard** use metrics that AWS keeps for nothing.

**Traces** cost nothing without \`otlpEndpoint\`. With it, a million messages in batches of ten, by the share that is
exported (\`traceSampling\`):

${markdownTable(['traces', 'GB', `at $${dollars(prices.logsPerGb)} a GB`, 'at X-Ray'], traceRows)}

- **GB** is what a backend takes in; its price is its own. $${dollars(prices.logsPerGb)} is what CloudWatch asks for a GB of logs.
- **X-Ray** asks for traces, not for data: the column is for journeys of one message. A journey of five costs a fifth.
- Failures are always exported. What traces take in CPU is in [bench/README.md](../bench/README.md#what-signals-cost).

**Custom metrics** of CloudWatch in use, each from lines of a log, and no others:
\`Posthorn/posthorn-<stage>-ignored-registrations\`, \`-capabilities-without-healthy-agents\`, \`-rollouts-rolled-back\` and
\`-agents-that-left-messages\`. CloudWatch charges the hours in which a metric has values, and these have one only when
something is wrong: $${dollars(prices.customMetricPerMonth)} a month for each is the most, and usually they cost nothing.

**Requests to the REST API**, in dollars for a million, and for a month of one scrape a minute, by the setting
\`edgeAuthentication\`:

${markdownTable(['setting', 'API Gateway', 'operations', 'authorizer', 'access log', 'total', 'scrapes'], edgeRows)}

## What a mesh costs without messages

An agent in stage \`prod\`, with ${PROD_ALARMS} alarms (${OTHER_ALARMS} in other stages: ${cents(monthlyTotal(other))} in total):

${monthlyTable(prod)}

- **Polling**: Lambda asks an idle inbox with ${assumptions.pollers} long polls of ${assumptions.pollSeconds} seconds at a time. \`posthorn pause\` ends that.
- **Snapshots**: the setting \`probeMinutes\` divides them: at 5 they cost a fifth. \`posthorn top\` compares snapshots, so
  at 5 and more its rates and durations are those since the previous snapshot.

A mesh without agents:

${monthlyTable(mesh)}

The dashboard is free if it is one of the first three of the account; the setting \`dashboard\` false leaves it out. The
rules of EventBridge, the saved queries, the parameters and idle tables cost nothing. Storage of the metrics table is in
the snapshots.

Dollars a month for a mesh of so many idle agents in stage \`prod\`:

${markdownTable(['agents', 'each minute', 'probeMinutes 5', 'no dashboard'], meshRows)}
`;
