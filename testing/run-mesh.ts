import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeshClient } from '../client/mesh-client.ts';
import { admitOperator } from '../client/registry/admit-operator.ts';
import { functionName, type MeshName } from '../events/names.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { EmbeddedCloud } from '../local/embedded-cloud.ts';
import type { Handler } from '../local/lambda/invoke-handler.ts';
import { OPERATOR } from '../local/services/identities.ts';
import { Synthesizer } from '../local/template/synthesize.ts';
import { absentAgents } from './absent-agents.ts';
import { agentHandler } from './agent-handler.ts';
import { writeAgentsAssembly } from './agents-assembly.ts';
import { Invocations } from './invocations.ts';
import { knownAgents } from './known-agents.ts';
import type { LoggedLine } from './logged-line.ts';
import type { StartMeshOptions } from './start-mesh-options.ts';
import { TestMesh } from './test-mesh.ts';

const REGION = 'us-east-1';

/** Emulators check no signature, but the SDK needs credentials to sign with. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export async function runMesh(
  { agents, app, agentEnvironment = {}, timeoutSeconds = 30 }: StartMeshOptions,
  name: MeshName,
): Promise<TestMesh> {
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
      const known = knownAgents(agents);
      for (const agent of agents) {
        const handle = agentHandler(agent, name, { endpoint, region: REGION, logs, known });
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
    await admitOperator(cloud, OPERATOR);
    const client = resources.use(new MeshClient({ ...name, endpoint, region: REGION, credentials: { ...CREDENTIALS } }));
    return new TestMesh({
      endpoint,
      region: REGION,
      client,
      invocations,
      logs,
      resources,
      timeoutSeconds,
      absentAgents: new Set(absentAgents(agents ?? []).map(({ id }) => id)),
    });
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
