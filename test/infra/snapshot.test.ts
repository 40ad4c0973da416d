import { expect, test } from 'vitest';
import { synthesizeFixture } from './fixture-mesh.ts';

const { state, agent } = synthesizeFixture();

/** Asset hashes follow the code, which is no business of a snapshot of the infrastructure. */
const scrubbed = (template: typeof state): string =>
  `${JSON.stringify(template.toJSON(), undefined, 2).replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>')}\n`;

test('the state stack is as reviewed', async () => {
  await expect(scrubbed(state)).toMatchFileSnapshot('__snapshots__/state.snap');
});

test("an agent's stack is as reviewed", async () => {
  await expect(scrubbed(agent('asking'))).toMatchFileSnapshot('__snapshots__/agent.snap');
});
