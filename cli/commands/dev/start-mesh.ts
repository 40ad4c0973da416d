import { rm } from 'node:fs/promises';
import { admitOperator } from '../../../client/registry/admit-operator.ts';
import { functionName, type MeshName, PROBE_SERVICE } from '../../../events/names.ts';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { EmbeddedCloudError } from '../../../local/errors.ts';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { checkDataDirectory } from '../../../local/services/data-directory.ts';
import { listen } from '../../../local/services/endpoint.ts';
import { OPERATOR } from '../../../local/services/identities.ts';
import { CliError } from '../../cli-error.ts';
import { AppAssemblies, type Assembly } from './assembly/app-assemblies.ts';
import { removeAssemblies } from './assembly/assembly-directories.ts';
import { bothOrNone } from './both-or-none.ts';
import { type Doubles, startDoubles } from './doubles.ts';
import { deployWithNeeds, type MeshReport } from './foreign/deploy-with-needs.ts';
import { ForeignDoubles } from './foreign/foreign-doubles.ts';
import { JoinedState } from './foreign/joined-state.ts';
import { otlpContext } from './otlp-context.ts';
import { makeWorkFolder, type Project } from './project.ts';

/** A developer does not wait for a minute to see what changed. */
const PROBE_SECONDS = 5;

/** A mesh on this machine: a project's stacks on the embedded cloud, and the doubles of its agents. */
export interface LocalMesh extends AsyncDisposable {
  readonly cloud: EmbeddedCloud;
  readonly doubles: Doubles;
  /** Stand-ins for agents of other repositories. */
  readonly foreignDoubles: ForeignDoubles;
  readonly assemblies: AppAssemblies;
  /** Whether nothing had changed since the last start, so that nothing was synthesized. */
  readonly isUnchanged: boolean;
  /** Deploys an assembly and keeps it for the next start. @throws EmbeddedCloudError; the mesh is unchanged then */
  deploy(assembly: Assembly): Promise<MeshReport>;
}

export interface LocalMeshOptions {
  readonly project: Project;
  /** See `isUnrelated` of project.ts. */
  readonly isUnrelated: (path: string) => boolean;
  readonly port: number;
  /** Keeps queues, tables and content between runs. */
  readonly dataDirectory: string | undefined;
  readonly region: string;
  /** The app gets prefix and stage in its context. */
  readonly name: MeshName;
  readonly onLog: (line: LogLine) => void;
  /** Called once, if the data directory can no longer be written to. */
  readonly onFailure: (error: EmbeddedCloudError) => void;
  readonly onProgress: (step: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Synthesizes a project's CDK app, if something has changed since the last start, and runs the templates. Every journey is in the
 * trace index, whatever the stage's sampling.
 *
 * @throws CliError when the port is taken, the data directory is unusable or a double does not start; and with the app's own error when
 *   it does not synthesize
 * @throws the signal's reason when it aborts: at once during the synthesis, otherwise after the current step
 */
export async function startMesh(options: LocalMeshOptions): Promise<LocalMesh> {
  const { project, port, dataDirectory, region, onLog, onFailure, signal } = options;
  const resources = new AsyncDisposableStack();
  try {
    await refuseTakenPort(port);
    if (dataDirectory !== undefined) await checkDataDirectory(dataDirectory);
    await makeWorkFolder(project);
    await removeAssemblies(project.workFolder);
    resources.defer(() => removeAssemblies(project.workFolder));
    const doubles = resources.use(await startDoubles(project.directory));
    const assemblies = resources.use(new AppAssemblies({ ...options, context: contextOf(options, doubles) }));
    const state = new JoinedState({ project, signal });
    const foreignDoubles = resources.use(new ForeignDoubles({ project, onLog }));
    const { handlers } = foreignDoubles;
    const stop = new AbortController();
    const stopped = AbortSignal.any([signal, stop.signal]);
    const rateSeconds = { [functionName(options.name, PROBE_SERVICE)]: PROBE_SECONDS };
    const cloudOptions = { port, region, onLog, onFailure, handlers, rateSeconds };
    const starting = EmbeddedCloud.start({ ...cloudOptions, ...(dataDirectory !== undefined && { dataDirectory }) });
    resources.defer(async () => {
      // Why it did not start is reported below.
      const cloud = await starting.catch(() => undefined);
      await cloud?.stop();
    });
    const [cloud, assembly] = await bothOrNone(stop, [starting, currentAssembly(assemblies, options, stopped)]);
    const deploy = async (next: Assembly) => {
      const app = { assemblyDirectory: next.directory, owner: project.directory };
      const report = await deployWithNeeds({ ...app, cloud, state, doubles: foreignDoubles });
      await admitOperator(cloud, OPERATOR);
      await assemblies.keep(next);
      return report;
    };
    await deploy(assembly).catch(async (error: unknown) => {
      // A CliError is about the project: another synthesis would meet it again.
      if (!assembly.isCached || error instanceof CliError) throw error;
      // The cached assembly may be damaged, or another start has just replaced it.
      await rm(assembly.directory, { recursive: true, force: true });
      await deploy(await synthesized(assemblies, options, signal));
    });
    signal.throwIfAborted();
    const owned = resources.move();
    return {
      ...{ cloud, doubles, foreignDoubles, assemblies, isUnchanged: assembly.isCached, deploy },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    // A Ctrl-C in the terminal also ends the synthesis. That is not an error of the app.
    signal.throwIfAborted();
    throw readable(error);
  }
}

/** The messages of the embedded cloud's errors are for the person at the terminal. */
export const readable = (error: unknown): unknown =>
  error instanceof EmbeddedCloudError ? new CliError(error.message, { cause: error }) : error;

async function currentAssembly(assemblies: AppAssemblies, options: LocalMeshOptions, signal: AbortSignal): Promise<Assembly> {
  return (await assemblies.cached()) ?? (await synthesized(assemblies, options, signal));
}

function synthesized(assemblies: AppAssemblies, { onProgress }: LocalMeshOptions, signal: AbortSignal): Promise<Assembly> {
  onProgress('Synthesizing the stacks');
  return assemblies.synthesize(signal);
}

function contextOf({ project, name: { prefix, stage } }: LocalMeshOptions, doubles: Doubles): Readonly<Record<string, unknown>> {
  const { agentEnvironment: configured } = project.configuration.context;
  const environment: Record<string, object> = { ...(typeof configured === 'object' ? configured : {}) };
  for (const [agent, variables] of Object.entries(doubles.environment)) environment[agent] = { ...environment[agent], ...variables };
  const { authentication } = project.configuration.context;
  const trust = { authentication: authentication ?? 'jwt', issuersElsewhere: true };
  return {
    prefix,
    stage,
    journeySampling: 1,
    traceSampling: 1,
    ...trust,
    ...otlpContext(process.env),
    ...(Object.keys(environment).length > 0 && { agentEnvironment: environment }),
  };
}

/** Checks the port and the data directory before the synthesis, which takes seconds. */
async function refuseTakenPort(port: number): Promise<void> {
  const { server } = await listen(port, (_request, response) => response.destroy());
  await new Promise((closed) => server.close(closed));
}
