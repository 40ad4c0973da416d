import type { Authentication } from '../../events/authentication.ts';
import { functionName, type MeshName, SERVICE_PREFIX } from '../../events/names.ts';
import { OWNER_APP } from '../../events/registration.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import type { OidcClient } from '../../functions/runtime/aws/oidc-client.ts';
import type { IMesh } from './i-mesh.ts';

/** Lambda's limit. SQS allows 80 characters, and an agent's queue names are at most 7 longer than its function's name. */
const MAX_FUNCTION_NAME_CHARACTERS = 64;

/** The largest size of the mesh's own variables as JSON, with the longest names, out of Lambda's 4 KiB: all but `POSTHORN_TOKENS`, `POSTHORN_OTLP_*` and `POSTHORN_OFFERS_TABLE`. */
const MESH_BYTES = 1_280;
const MAX_BYTES = 4_096 - MESH_BYTES;

/** With the longest names, and tokens for all of them, they fit into the policies that IAM takes for a role. */
const MAX_TARGETS = 300;

/** The variable of an agent that asks an identity provider for tokens. It names the parameter of the client's secret, not the secret. */
export const tokensVariable = ({
  authentication,
  tokens,
}: {
  readonly authentication?: Authentication;
  readonly tokens?: OidcClient | undefined;
}): { readonly POSTHORN_TOKENS?: string } =>
  authentication === 'jwt' && tokens !== undefined ? { POSTHORN_TOKENS: JSON.stringify(tokens) } : {};

/** The variables of an agent that exports its spans. They name the parameter of the headers, not the headers. */
export const tracingVariables = ({
  otlpEndpoint,
  otlpHeadersParameter,
  traceSampling = 1,
}: {
  readonly otlpEndpoint?: string | undefined;
  readonly otlpHeadersParameter?: string | undefined;
  readonly traceSampling?: number;
}): Readonly<Record<string, string>> =>
  otlpEndpoint === undefined
    ? {}
    : {
        POSTHORN_OTLP_ENDPOINT: otlpEndpoint,
        POSTHORN_TRACE_SAMPLING: String(traceSampling),
        ...(otlpHeadersParameter !== undefined && { POSTHORN_OTLP_HEADERS_PARAMETER: otlpHeadersParameter }),
      };

/** The variable of an agent that sends to capabilities. */
export const offersVariable = (
  { offers }: Pick<IMesh, 'offers'>,
  { calls }: Pick<AgentDefinition, 'calls'>,
): { readonly POSTHORN_OFFERS_TABLE?: string } => (calls.length === 0 ? {} : { POSTHORN_OFFERS_TABLE: offers.tableName });

/**
 * One sentence for each AWS limit that the agent exceeds, so that synth refuses it before the deployment does.
 *
 * @param environment the agent's variables with their values, and those of its tokens, its spans and the table of offers
 */
export function agentProblems(
  mesh: MeshName,
  { id, sendsTo }: Pick<AgentDefinition, 'id' | 'sendsTo'>,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const problems: string[] = [];
  if (id.startsWith(SERVICE_PREFIX))
    problems.push(`agent '${id}': ids that begin with '${SERVICE_PREFIX}' are those of the mesh's own functions; choose another id`);
  // An agent that joins a mesh without an app's name registers under its id.
  if (id === OWNER_APP) problems.push(`agent '${id}': this id is the name of the app that owns the mesh; choose another id`);
  const name = functionName(mesh, id);
  const excess = name.length - MAX_FUNCTION_NAME_CHARACTERS;
  if (excess > 0) {
    problems.push(
      `agent '${id}': its function's name '${name}' has ${name.length} characters, and Lambda takes ${MAX_FUNCTION_NAME_CHARACTERS}; ` +
        `make prefix, stage and id ${excess} shorter together`,
    );
  }
  if (sendsTo.length > MAX_TARGETS)
    problems.push(`agent '${id}': sendsTo names ${sendsTo.length} agents, and the policies of a role hold ${MAX_TARGETS}`);
  const bytes = Buffer.byteLength(JSON.stringify({ ...environment, POSTHORN_TARGETS: JSON.stringify(sendsTo) }));
  if (bytes > MAX_BYTES) {
    const tokens = 'POSTHORN_TOKENS' in environment ? ", the setting 'tokens'" : '';
    problems.push(
      `agent '${id}': its variables${tokens} and the ids of the ${sendsTo.length} agents in sendsTo come to ${bytes} bytes; ` +
        `of Lambda's 4 KiB, ${MAX_BYTES} are left for them`,
    );
  }
  return problems;
}
