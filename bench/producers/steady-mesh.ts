import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { App } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import { MeshClient } from '../../client/index.ts';
import { latestSnapshots } from '../../client/metrics/latest-snapshots.ts';
import { admitOperator } from '../../client/registry/admit-operator.ts';
import { metricsTableName } from '../../events/metrics-record.ts';
import { functionName, inboxName, meshName, PROBE_SERVICE } from '../../events/names.ts';
import type { Snapshot } from '../../events/snapshot.ts';
import { addMesh, discoverAgents } from '../../infra/index.ts';
import { EmbeddedCloud } from '../../local/embedded-cloud.ts';
import { OPERATOR } from '../../local/services/identities.ts';

/** `steady` handles two batches at a time, `shared` four. */
export type SteadyAgent = 'steady' | 'shared';

/** The probe looks so often, instead of once a minute: a run then takes a minute and not an hour. */
const PROBE_SECONDS = 2;

const POLL_MS = 100;
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** An agent of known speed on the embedded cloud, in this process. */
export class SteadyMesh implements AsyncDisposable {
  readonly agent: SteadyAgent;
  readonly endpoint: string;
  readonly region: string;
  readonly queueUrl: string;
  readonly client: MeshClient;
  /** By SQS's id of each message that was handled, in this order: when, epoch milliseconds. */
  readonly handledAt: ReadonlyMap<string, number>;
  readonly #dynamodb: DynamoDBClient;
  readonly #resources: AsyncDisposableStack;

  /** @param agent the only one of the mesh */
  static async start(agent: SteadyAgent): Promise<SteadyMesh> {
    const resources = new AsyncDisposableStack();
    try {
      const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
      resources.defer(() => rmSync(folder, { recursive: true, force: true }));
      const agents = (await discoverAgents(join(import.meta.dirname, 'agents'))).filter(({ definition }) => definition.id === agent);
      const app = new App({ outdir: folder, context: cdk.context });
      addMesh(app, { agents });
      app.synth();
      publishInterval(folder);
      const handledAt = new Map<string, number>();
      const agentFunction = functionName(meshName(), agent);
      const cloud = await EmbeddedCloud.start({
        assemblyDirectory: folder,
        port: 0,
        stopGraceSeconds: 0,
        rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: PROBE_SECONDS },
        onInvocation({ functionName: name, messageIds, failedMessageIds }) {
          if (name !== agentFunction) return;
          for (const id of messageIds) if (!failedMessageIds.includes(id)) handledAt.set(id, Date.now());
        },
      });
      resources.defer(() => cloud.stop());
      await admitOperator(cloud, OPERATOR);
      return new SteadyMesh(agent, cloud, handledAt, resources);
    } catch (error) {
      await resources.disposeAsync();
      throw error;
    }
  }

  private constructor(
    agent: SteadyAgent,
    { endpoint, region }: EmbeddedCloud,
    handledAt: ReadonlyMap<string, number>,
    resources: AsyncDisposableStack,
  ) {
    this.agent = agent;
    this.endpoint = endpoint;
    this.region = region;
    this.queueUrl = `${endpoint}/000000000000/${inboxName(meshName(), agent)}`;
    this.handledAt = handledAt;
    this.client = resources.use(new MeshClient({ endpoint, region, credentials: CREDENTIALS }));
    this.#dynamodb = resources.adopt(new DynamoDBClient({ endpoint, region, credentials: CREDENTIALS }), (client) => client.destroy());
    this.#resources = resources;
  }

  /** Messages in the inbox, those in work included. */
  async depth(): Promise<number> {
    const { visible, inFlight, delayed } = await this.client.depth(this.agent, 'inbox');
    return visible + inFlight + delayed;
  }

  /** Waits until the inbox is empty. */
  async drained(): Promise<void> {
    while ((await this.depth()) > 0) await setTimeout(POLL_MS);
  }

  /** Lets the agent receive again. */
  async resumed(): Promise<void> {
    await this.client.resume(this.agent);
  }

  /** Stops the agent when it has handled what it had received. @returns how many messages wait */
  async stopped(): Promise<number> {
    await this.client.pause(this.agent);
    for (;;) {
      const [{ state }, { visible, inFlight, delayed }] = [
        await this.client.mapping(this.agent),
        await this.client.depth(this.agent, 'inbox'),
      ];
      if (state === 'disabled' && inFlight === 0) return visible + delayed;
      await setTimeout(POLL_MS);
    }
  }

  /** What the probe has seen last; `undefined` before its first look. */
  async snapshot(): Promise<Snapshot | undefined> {
    const [latest] = await latestSnapshots(this.#dynamodb, metricsTableName(meshName()), this.agent);
    return latest?.now;
  }

  /** What the probe sees at its next look. */
  async nextSnapshot(): Promise<Snapshot> {
    const now = Date.now();
    for (;;) {
      const snapshot = await this.snapshot();
      if (snapshot !== undefined && snapshot.at > now) return snapshot;
      await setTimeout(POLL_MS);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

/** Producers read as often as the probe says that it looks; a setting of the mesh is a minute at least. */
function publishInterval(folder: string): void {
  for (const file of globSync('*.template.json', { cwd: folder }).map((name) => join(folder, name))) {
    const template = readFileSync(file, 'utf8');
    writeFileSync(file, template.replace(/("POSTHORN_PROBE_MINUTES": )"\d+"/, `$1"${PROBE_SECONDS / 60}"`));
  }
}
