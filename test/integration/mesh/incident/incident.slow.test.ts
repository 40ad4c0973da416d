import { expect, test } from 'vitest';
import { runIncident } from './run-incident.ts';
import { kindsOfLines, SCENES, shownInDocument } from './signals-document.ts';

test('docs/signals.md shows the kinds of lines that the commands print today: `npm run signals` writes it', async () => {
  const run = await runIncident();

  const written = shownInDocument();
  for (const scene of SCENES) expect(kindsOfLines(run[scene]), scene).toEqual(kindsOfLines(written[scene]));
});
