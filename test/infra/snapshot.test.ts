import { expect, test } from 'vitest';
import { synthesizeFixture } from './fixture-mesh.ts';

const { state, agents } = await synthesizeFixture();

/** Asset hashes follow the code, which is no business of a snapshot of the infrastructure. */
const scrubbed = (template: typeof state): unknown =>
  JSON.parse(JSON.stringify(template.toJSON()).replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>'));

test('the state stack is as reviewed', () => {
  expect(scrubbed(state)).toMatchSnapshot();
});

test('the agents stack is as reviewed', () => {
  expect(scrubbed(agents)).toMatchSnapshot();
});
