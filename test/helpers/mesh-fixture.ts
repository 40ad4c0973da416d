import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import { resolveSettings } from '../../cli/settings.ts';
import { addMesh, discoverAgents } from '../../infra/index.ts';
import { EmbeddedCloud, type EmbeddedCloudOptions } from '../../local/embedded-cloud.ts';
import type { InvocationEvent } from '../../local/lambda/event-source.ts';
import type { LogLine } from '../../local/lambda/function-worker.ts';
import { AwsMesh } from './aws-mesh.ts';

export interface MeshOptions {
  /** Folder of the agents. @default those of the project */
  readonly agentsFolder?: string;
  /** Ids of the agents that are needed, with those that they send to: each costs the time to bundle it. @default all */
  readonly agentIds?: readonly string[];
  /** By agent id: values of variables that agents declare. @default {} */
  readonly agentEnvironment?: (agentIds: readonly string[]) => Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface MeshFixtureOptions extends MeshOptions {
  readonly cloud?: Partial<EmbeddedCloudOptions>;
}

/** A mesh of some agents, synthesized and running on a port of its own. */
export interface MeshFixture extends AsyncDisposable {
  readonly cloud: EmbeddedCloud;
  readonly mesh: AwsMesh;
  readonly invocations: readonly InvocationEvent[];
  readonly logs: readonly LogLine[];
}

const projectAgents = join(import.meta.dirname, '../../functions/agents');

/** @returns the assembly's folder, a temporary one */
export async function synthesizeMesh({ agentsFolder = projectAgents, agentIds, agentEnvironment }: MeshOptions): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), 'posthorn-mesh-'));
  const all = await discoverAgents(agentsFolder);
  const agents = all.filter(({ definition: { id } }) => agentIds === undefined || agentIds.includes(id));
  const app = new App({
    outdir,
    context: { ...cdk.context, agentEnvironment: agentEnvironment?.(agents.map(({ definition }) => definition.id)) ?? {} },
  });
  addMesh(app, { agents });
  app.synth();
  return outdir;
}

export async function startMeshFixture(options: MeshFixtureOptions = {}): Promise<MeshFixture> {
  const assemblyDirectory = await synthesizeMesh(options);
  const invocations: InvocationEvent[] = [];
  const logs: LogLine[] = [];
  const cloud = await EmbeddedCloud.start({
    port: 0,
    onInvocation: (invocation) => invocations.push(invocation),
    onLog: (line) => logs.push(line),
    ...options.cloud,
    assemblyDirectory,
  });
  const mesh = new AwsMesh(resolveSettings({ endpointUrl: cloud.endpoint, region: cloud.region }, {}));
  return {
    cloud,
    mesh,
    invocations,
    logs,
    async [Symbol.asyncDispose]() {
      await mesh[Symbol.asyncDispose]();
      await cloud.stop();
      await rm(assemblyDirectory, { recursive: true, force: true });
    },
  };
}

export const SOURCE = 'https://tests.example.com/producer';

/** An event that nobody has sent before, unless `attributes` say otherwise. */
export function event(data: unknown, attributes: Readonly<Record<string, unknown>> = {}): TestEvent {
  return { specversion: '1.0', id: randomUUID(), source: SOURCE, type: 'test', time: new Date().toISOString(), data, ...attributes };
}

export interface TestEvent {
  readonly id: string;
  readonly [attribute: string]: unknown;
}

/** A trace to send events in. */
export function newTrace(): { readonly traceId: string; readonly traceparent: string } {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
}
