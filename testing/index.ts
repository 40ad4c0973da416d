/**
 * For a team's tests: fakes for a single handler, and an embedded mesh.
 *
 * @packageDocumentation
 */

export { fakeContent } from './fake-content.ts';
export { type FakeContext, type FakeContextOptions, fakeContext, type SentMessage } from './fake-context.ts';
export { fakeMessage } from './fake-message.ts';
export type { LoggedLine } from './logged-line.ts';
export { startMesh } from './start-mesh.ts';
export type { StartMeshOptions } from './start-mesh-options.ts';
export type { EndedRecord, EventAttributes, TestMesh, TestReply } from './test-mesh.ts';
