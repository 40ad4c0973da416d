import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';

/** What answers the requests of one client of the mesh. */
export interface SimulatedEndpoint {
  /** @param input of the command. @returns its output */
  answer(command: string, input: object): Promise<object>;
  /** The client has closed its connections. */
  destroyed(): void;
}

/** By the URL that the client is given as its endpoint. */
export const SIMULATED_ENDPOINTS = new Map<string, SimulatedEndpoint>();

const OPTIONS = { region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** In the place of `client/aws-clients.ts`: clients of the AWS SDK whose requests never leave the process. */
export class AwsClients {
  readonly where = 'a simulation';
  readonly sqs = new SQSClient(OPTIONS);
  readonly dynamodb = new DynamoDBClient(OPTIONS);
  readonly sts = new STSClient(OPTIONS);
  readonly #endpoint: SimulatedEndpoint;

  constructor({ endpoint = '' }: { readonly endpoint?: string }) {
    const found = SIMULATED_ENDPOINTS.get(endpoint);
    if (found === undefined) throw new Error(`there is no simulated endpoint ${endpoint}`);
    this.#endpoint = found;
    const answer = async (command = '', input: object) => ({
      response: {},
      output: { $metadata: {}, ...(await found.answer(command, input)) },
    });
    const first = { step: 'initialize', priority: 'high' } as const;
    this.sqs.middlewareStack.add(
      (_next, { commandName }) =>
        ({ input }) =>
          answer(commandName, input),
      first,
    );
    this.dynamodb.middlewareStack.add(
      (_next, { commandName }) =>
        ({ input }) =>
          answer(commandName, input),
      first,
    );
    this.sts.middlewareStack.add(
      (_next, { commandName }) =>
        ({ input }) =>
          answer(commandName, input),
      first,
    );
  }

  async region(): Promise<string> {
    return OPTIONS.region;
  }

  destroy(): void {
    this.#endpoint.destroyed();
  }
}
