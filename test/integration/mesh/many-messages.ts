import { describe, test } from 'vitest';
import { messageKey } from '../../../events/ledger-record.ts';
import { functionName, inboxName, meshName } from '../../../events/names.ts';
import { event, newTrace, SOURCE } from '../../helpers/mesh-fixture.ts';
import type { ScriptedMesh } from '../../helpers/scripted-mesh.ts';
import { until } from '../../helpers/until.ts';

/**
 * Tests of a mesh under load.
 *
 * @param mixed messages of which a tenth fails at first
 * @param atOnce messages that are sent to an agent of four workers at once
 */
export function describeManyMessages(fixture: () => ScriptedMesh, { mixed, atOnce }: { readonly mixed: number; readonly atOnce: number }) {
  describe.concurrent('many messages', () => {
    test(`${mixed} of which a tenth fails at first: all are processed once, and what they send arrives once`, async ({ expect }) => {
      const { mesh, control, acknowledged } = fixture();
      const { correlationid, traceparent } = newTrace();
      const fails = (index: number) => index % 10 === 0;
      const events = Array.from({ length: mixed }, (_, index) =>
        event({ steps: fails(index) ? ['transient', 'succeed'] : ['succeed'], forwards: 1 }, { correlationid, traceparent }),
      );
      const ids = events.map(({ id }) => id);

      await acknowledged(await mesh.send('working', events));
      await until('nothing is left downstream', async () => (await mesh.depth(inboxName(meshName(), 'counting'))) === 0);

      const outcomes = await mesh.outcomesOf('working', SOURCE, ids);
      expect(outcomes.filter(({ outcome }) => outcome === 'processed')).toHaveLength(mixed);
      expect(outcomes.filter(({ attempts }) => attempts.length === 1)).toHaveLength(mixed / 10);
      const visits = ids.map((id) => control.visits(messageKey('working', SOURCE, id)));
      expect(visits).toEqual(events.map((_, index) => (fails(index) ? 2 : 1)));
      const downstream = (await mesh.journey(correlationid)).filter(({ agent }) => agent === 'counting');
      expect(downstream.filter(({ outcome }) => outcome === 'processed')).toHaveLength(mixed);
      expect(downstream).toHaveLength(mixed);
    });

    test(`${atOnce} at once are handled by no more workers than the definition allows`, async ({ expect }) => {
      const { mesh, cloud, acknowledged } = fixture();
      const events = Array.from({ length: atOnce }, () => event({}));

      await acknowledged(await mesh.send('working', events));

      const outcomes = await mesh.outcomesOf(
        'working',
        SOURCE,
        events.map(({ id }) => id),
      );
      expect(outcomes.filter(({ outcome }) => outcome === 'processed')).toHaveLength(atOnce);
      // One is started when all are busy, and none of them has died: so many were busy at the same time.
      const workers = cloud.workers().filter((worker) => worker.functionName === functionName(meshName(), 'working'));
      expect(workers.length).toBeGreaterThan(1);
      expect(workers.length).toBeLessThanOrEqual(4);
    });
  });
}
