import type { Command } from 'commander';
import * as z from 'zod/mini';
import { isLoopback } from '../client/is-loopback.ts';
import { DEFAULT_PREFIX, DEFAULT_STAGE, type MeshName, meshName } from '../events/names.ts';
import { CliError } from './cli-error.ts';

/** The settings of every command, from which it makes a {@link MeshClient}. */
export interface Settings extends MeshName {
  /** `undefined` is AWS itself. */
  readonly endpoint: string | undefined;
  /** `undefined` takes the region of the AWS profile. */
  readonly region: string | undefined;
  /** Machine output: JSON or NDJSON on stdout, nothing else. */
  readonly json: boolean;
  /** `undefined` takes those that the AWS SDK finds. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** Emulators check no signature, but the SDK needs credentials to sign with. */
const DUMMY_CREDENTIALS = { accessKeyId: 'posthorn', secretAccessKey: 'posthorn' };

const optionsSchema = z.object({
  endpointUrl: z.optional(z.string()),
  region: z.optional(z.string()),
  prefix: z._default(z.string(), DEFAULT_PREFIX),
  stage: z._default(z.string(), DEFAULT_STAGE),
  json: z._default(z.boolean(), false),
});

/** Adds the options of {@link Settings} to the program. */
export function addGlobalOptions(program: Command): Command {
  return program
    .option('--endpoint-url <url>', 'the AWS endpoint, e.g. http://127.0.0.1:4566 (env AWS_ENDPOINT_URL; default: AWS itself)')
    .option('--region <region>', 'AWS region (env AWS_REGION, AWS_DEFAULT_REGION; default on this machine: us-east-1)')
    .option('--stage <stage>', 'which deployment of the mesh', DEFAULT_STAGE)
    .option('--prefix <prefix>', "what the mesh's names start with", DEFAULT_PREFIX)
    .option('--json', 'machine output: one JSON document or NDJSON on stdout, nothing else');
}

/** The settings of a command as it was called. @throws CliError naming the option whose value is wrong */
export const settingsOf = (command: Command): Settings => resolveSettings(command.optsWithGlobals(), process.env);

/** @throws CliError naming the option whose value is wrong */
export function resolveSettings(options: unknown, environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = optionsSchema.parse(options);
  const fromEnvironment = (name: string) => environment[name] || undefined;
  const endpoint = given.endpointUrl ?? fromEnvironment('AWS_ENDPOINT_URL');
  if (endpoint !== undefined) refuseInvalidEndpoint(endpoint);
  const local = endpoint !== undefined && isLoopback(endpoint);
  const region =
    given.region ?? fromEnvironment('AWS_REGION') ?? fromEnvironment('AWS_DEFAULT_REGION') ?? (local ? 'us-east-1' : undefined);
  // Ignores AWS profiles, which may need a sign-in. Passes a copy, because the SDK writes into the object.
  const credentials = local && fromEnvironment('AWS_ACCESS_KEY_ID') === undefined ? { ...DUMMY_CREDENTIALS } : undefined;
  return { ...meshOf(given), endpoint, region, json: given.json, credentials };
}

function meshOf(given: MeshName): MeshName {
  try {
    return meshName(given);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CliError(`--${cause.message}`, { cause });
  }
}

function refuseInvalidEndpoint(url: string): void {
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new CliError(`--endpoint-url '${url}' is not a URL`, { remedy: 'Give scheme, host and port, e.g. http://127.0.0.1:4566.' });
  }
}
