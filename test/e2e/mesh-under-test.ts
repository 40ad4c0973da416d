import { join } from 'node:path';
import { resolveSettings } from '../../cli/settings.ts';
import { AwsMesh } from '../helpers/aws-mesh.ts';
import { startMeshFixture } from '../helpers/mesh-fixture.ts';

const AGENTS = join(import.meta.dirname, '../../functions/agents');

/** A deployed mesh, and what to do when the tests are done with it. */
export interface MeshUnderTest extends AsyncDisposable {
  readonly mesh: AwsMesh;
}

/**
 * The mesh that the environment names, or one on the embedded cloud where it names none:
 *
 * | variable | |
 * |---|---|
 * | `POSTHORN_E2E_TARGET` | `embedded` (default), or `deployed`: the stacks are there already |
 * | `POSTHORN_E2E_ENDPOINT` | where AWS is, e.g. `http://127.0.0.1:4566` (default: AWS itself); implies `deployed` |
 * | `POSTHORN_E2E_REGION` | default: that of the AWS profile; `us-east-1` for an endpoint on this machine |
 * | `POSTHORN_E2E_STAGE` | default `dev` |
 */
export async function meshUnderTest(environment: Readonly<Record<string, string | undefined>> = process.env): Promise<MeshUnderTest> {
  const { POSTHORN_E2E_ENDPOINT: endpointUrl, POSTHORN_E2E_REGION: region, POSTHORN_E2E_STAGE: stage } = environment;
  const { POSTHORN_E2E_TARGET: target = endpointUrl ? 'deployed' : 'embedded' } = environment;
  // No order of these tests is charged.
  if (target === 'embedded') return startMeshFixture({ agentsFolder: AGENTS, variables: { PAYMENT_URL: 'http://127.0.0.1:9/' } });
  if (target !== 'deployed') throw new TypeError(`POSTHORN_E2E_TARGET: '${target}' is neither embedded nor deployed`);
  const given = { ...(endpointUrl && { endpointUrl }), ...(region && { region }), ...(stage && { stage }) };
  const mesh = new AwsMesh(resolveSettings(given, environment));
  return { mesh, [Symbol.asyncDispose]: () => mesh[Symbol.asyncDispose]() };
}
