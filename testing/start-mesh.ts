import { meshName } from '../events/names.ts';
import type { StartMeshOptions } from './start-mesh-options.ts';
import type { TestMesh } from './test-mesh.ts';

/**
 * Starts an embedded mesh for a test, on a free port of 127.0.0.1. Disposing of it deletes everything.
 *
 * With `agents`, the real runtime runs them in the test's own process, so breakpoints, mocks and coverage work. They read the variables
 * of their definitions from `process.env`. A message to an agent of `sendsTo` that is not in `agents` waits in its inbox, and so does one
 * to a capability that none of them offers, in the inbox of an agent of that name. Of several agents with one capability, the one with the
 * lowest version gets its messages. An agent is replied to if it has `receivesReplies`, or is in the `sendsTo` of the one that replies. The
 * agents do not authenticate senders: `context.sender.name` is `anyone`, and `context.authorize` allows everything.
 *
 * With `app`, it synthesizes the folder's CDK app and runs its template, with the bundled functions in worker threads. The agents
 * authenticate senders as the app's settings demand. The mesh admits the test as a producer that may do everything.
 *
 * @throws TypeError when neither or both of `agents` and `app` are given, or two agents have one id; RangeError when prefix or stage is
 *   not valid; Error with the app's own message when it cannot be synthesized or run, or on Node before 24
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
  const { agents, app, agentEnvironment, prefix, stage } = options;
  if ((agents === undefined) === (app === undefined)) throw new TypeError('startMesh takes either agents or app: give one of them');
  if (agents !== undefined && agentEnvironment !== undefined)
    throw new TypeError('agentEnvironment is for app: agents in this process read their variables from process.env');
  if (typeof AsyncDisposableStack === 'undefined')
    throw new Error(`startMesh needs Node 24 or later: this is Node ${process.versions.node}`);
  const name = meshName({ ...(prefix !== undefined && { prefix }), ...(stage !== undefined && { stage }) });
  // A test that only uses the fakes does not load the embedded cloud.
  const { runMesh } = await import('./run-mesh.ts');
  return runMesh(options, name);
}
