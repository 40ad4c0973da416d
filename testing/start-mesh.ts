import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeshClient } from '../client/mesh-client.ts';
import { functionName, type MeshName, meshName } from '../events/names.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { EmbeddedCloud } from '../local/embedded-cloud.ts';
import type { Handler } from '../local/lambda/invoke-handler.ts';
import { Synthesizer } from '../local/template/synthesize.ts';
import { agentHandler } from './agent-handler.ts';
import { writeAgentsAssembly } from './agents-assembly.ts';
import { Invocations } from './invocations.ts';
import type { LoggedLine } from './logged-line.ts';
import { TestMesh } from './test-mesh.ts';

/** Options of {@link startMesh}: agents to run in this process, or the folder of a CDK app whose template is run. */
export interface StartMeshOptions extends Partial<MeshName> {
  /** Agents to run in this process. Either `agents` or `app` is given. */
  readonly agents?: readonly AgentDefinition[];
  /** A folder with a cdk.json, e.g. `.`, whose synthesized template is run. */
  readonly app?: string;
  /** With `app`, by agent id: values of variables that the definitions declare. @default the definitions' values */
  readonly agentEnvironment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The limit of every wait of the mesh. @default 30 */
  readonly timeoutSeconds?: number;
}

const REGION = 'us-east-1';

/** Emulators check no signature, but the SDK insists on having something to sign with. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * Starts an embedded mesh for a test, on a free port of 127.0.0.1. Disposing of it deletes everything.
 *
 * With `agents`, the real runtime runs them in the test's own process, so breakpoints, mocks and coverage work. They read the variables
 * of their definitions from `process.env`. With `app`, it synthesizes the folder's CDK app and runs its template, with the bundled
 * functions in worker threads.
 *
 * @throws TypeError when neither or both of `agents` and `app` are given, or two agents have one id; EmbeddedCloudError when the app
 *   cannot be synthesized or run
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import greeting from './agent.ts';
 *
 * await using mesh = await startMesh({ agents: [greeting] });
 * const { id } = await mesh.send('greeting', { name: 'Ada' });
 * assert.equal((await mesh.outcomeOf(id)).outcome, 'processed');
 * ```
 * @see docs/testing.md
 */
export async function startMesh(options: StartMeshOptions): Promise<TestMesh> {
  const { agents, app, agentEnvironment = {} } = options;
  if ((agents === undefined) === (app === undefined)) throw new TypeError('startMesh takes either agents or app: give one of them');
  const name = meshName({
    ...(options.prefix !== undefined && { prefix: options.prefix }),
    ...(options.stage !== undefined && { stage: options.stage }),
  });
  const resources = new AsyncDisposableStack();
  try {
    const directory = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
    resources.defer(() => rm(directory, { recursive: true, force: true }));
    const assemblyDirectory = join(directory, 'cdk.out');
    const invocations = new Invocations();
    const logs: LoggedLine[] = [];
    const handlers = new Map<string, Handler>();
    const cloud = await EmbeddedCloud.start({
      port: 0,
      region: REGION,
      handlers,
      stopGraceSeconds: 0,
      onInvocation: (invocation) => invocations.add(invocation),
      onLog: ({ functionName: source, stream, text }) =>
        void logs.push({ level: stream === 'stdout' ? 'info' : 'error', message: text, fields: { function: source } }),
    });
    resources.defer(() => cloud.stop());
    const { endpoint } = cloud;

    if (agents !== undefined) {
      refuseDuplicates(agents);
      for (const agent of agents) {
        const handle = agentHandler(agent, name, { endpoint, region: REGION, logs });
        handlers.set(functionName(name, agent.id), handle);
      }
      await writeAgentsAssembly(assemblyDirectory, name, REGION, agents);
    } else if (app !== undefined) {
      const synthesizer = new Synthesizer(app, directory);
      resources.defer(() => synthesizer.dispose());
      await synthesizer.synthesize({
        outputDirectory: assemblyDirectory,
        context: { ...name, agentEnvironment: JSON.stringify(agentEnvironment) },
      });
    }
    await cloud.deploy({ assemblyDirectory });
    const client = resources.use(new MeshClient({ ...name, endpoint, region: REGION, credentials: { ...CREDENTIALS } }));
    return new TestMesh({ endpoint, region: REGION, client, invocations, logs, resources, timeoutSeconds: options.timeoutSeconds ?? 30 });
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

function refuseDuplicates(agents: readonly AgentDefinition[]): void {
  const ids = agents.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new TypeError(`agents: two agents have the id '${twice}'; give each its own id`);
}
