import { afterAll, beforeAll } from 'vitest';
import { type ScriptedMesh, startScriptedMesh } from '../../helpers/scripted-mesh.ts';
import { describeManyMessages } from './many-messages.ts';

let fixture: ScriptedMesh;

beforeAll(async () => {
  fixture = await startScriptedMesh();
});
afterAll(() => fixture[Symbol.asyncDispose]());

describeManyMessages(() => fixture, { mixed: 1_000, atOnce: 2_000 });
