import { readFileSync, writeFileSync } from 'node:fs';
import { runIncident } from '../../test/integration/mesh/incident/run-incident.ts';
import { SIGNALS_FILE, withRun } from '../../test/integration/mesh/incident/signals-document.ts';

// The run first: it takes a minute, in which the text may be edited.
const run = await runIncident((step) => console.error(`  ${step}`));
writeFileSync(SIGNALS_FILE, withRun(readFileSync(SIGNALS_FILE, 'utf8'), run));
