import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { MeshClient } from '../../../../client/index.ts';
import type { AccessRecord } from '../../../../events/access-record.ts';
import { deadLetterQueueName, errorQueueName, inboxName, meshName } from '../../../../events/names.ts';
import { OWNER_APP, type RegistrationKind, registrationName } from '../../../../events/registration.ts';
import { type ControlService, startControlService } from '../../../helpers/control-service.ts';
import { type MeshFixture, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';
import { POLICY } from './policy.ts';

export const AGENTS = join(import.meta.dirname, 'agents');
const ACCOUNT = '000000000000';

/** What SDK clients sign with. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** A sender, by the credentials of its role. */
export class Sender implements Disposable {
  readonly #sqs: SQSClient;
  readonly #endpoint: string;
  readonly credentials: Credentials;

  constructor(endpoint: string, credentials: Credentials) {
    this.#endpoint = endpoint;
    this.credentials = credentials;
    this.#sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials });
  }

  /** Sends by SQS alone, as a producer in another language does. @returns the id that SQS assigned */
  send(agent: string, body: object, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.#put(inboxName(meshName(), agent), body, attributes);
  }

  /** As SQS does with a message that was received too often: with its sender, and without any attribute of the mesh. */
  sendToDeadLetters(agent: string, body: object, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.#put(deadLetterQueueName(meshName(), agent), body, attributes);
  }

  async #put(queue: string, body: object, attributes: Readonly<Record<string, string>>): Promise<string> {
    const { MessageId = '' } = await this.#sqs.send(
      new SendMessageCommand({
        QueueUrl: `${this.#endpoint}/${ACCOUNT}/${queue}`,
        MessageBody: JSON.stringify(body),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
        ),
      }),
    );
    return MessageId;
  }

  [Symbol.dispose](): void {
    this.#sqs.destroy();
  }
}

/** A mesh of the agents beside this file with the policy beside this file, and its senders. */
export class TrustingMesh implements AsyncDisposable {
  readonly fixture: MeshFixture;
  readonly control: ControlService;
  /** The operator's. */
  readonly client: MeshClient;
  readonly #ssm: SSMClient;
  readonly #sts: STSClient;
  readonly #resources: AsyncDisposableStack;

  /** Every line that a function has written. */
  readonly log: readonly string[];

  static async start(authentication: 'iam' | 'jwt' = 'iam'): Promise<TrustingMesh> {
    const resources = new AsyncDisposableStack();
    const control = resources.use(await startControlService());
    const log: string[] = [];
    const options = { agentsFolder: AGENTS, variables: { CONTROL_URL: control.url }, authentication };
    const fixture = resources.use(await startMeshFixture(options, (line) => log.push(line)));
    const mesh = new TrustingMesh({ fixture, control, log }, resources);
    for (const role of POLICY.roles) mesh.register('roles', role);
    for (const producer of POLICY.producers) mesh.register('producers', producer);
    await mesh.untilAccess('archive', ({ principals }) => POLICY.producers.every(({ id }) => nameIn(principals, `producer:${id}`)));
    return mesh;
  }

  private constructor({ fixture, control, log }: Pick<TrustingMesh, 'fixture' | 'control' | 'log'>, resources: AsyncDisposableStack) {
    this.fixture = fixture;
    this.control = control;
    this.log = log;
    this.#resources = resources;
    this.client = resources.use(new MeshClient(fixture.mesh.settings));
    const settings = { endpoint: this.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    this.#ssm = resources.adopt(new SSMClient(settings), (ssm) => ssm.destroy());
    this.#sts = resources.adopt(new STSClient(settings), (sts) => sts.destroy());
  }

  get endpoint(): string {
    return this.fixture.cloud.endpoint;
  }

  /** A session of a role, which need not be registered. */
  async as(role: string): Promise<Sender> {
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
    const { Credentials: given } = await this.#sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session-1' }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '', SessionToken: sessionToken = '' } = given ?? {};
    return this.#sender({ accessKeyId, secretAccessKey, sessionToken });
  }

  /** The role of an agent. */
  asAgent(agent: string): Sender {
    return this.#sender(this.fixture.cloud.credentialsOf(`posthorn-dev-${agent}`));
  }

  #sender(credentials: Credentials): Sender {
    return this.#resources.use(new Sender(this.endpoint, credentials));
  }

  /** A client of a sender, for redriving. */
  clientOf({ credentials }: Sender): MeshClient {
    return this.#resources.use(new MeshClient({ endpoint: this.endpoint, region: 'us-east-1', credentials: { ...credentials } }));
  }

  register<Registration extends { readonly id: string }>(kind: RegistrationKind, registration: Registration, app = OWNER_APP): void {
    this.fixture.cloud.putParameter(registrationName(meshName(), app, kind, registration.id), JSON.stringify(registration));
  }

  /** @returns what was registered */
  async unregister(kind: RegistrationKind, id: string): Promise<string> {
    const Name = registrationName(meshName(), OWNER_APP, kind, id);
    const { Parameter } = await this.#ssm.send(new GetParameterCommand({ Name }));
    await this.#ssm.send(new DeleteParameterCommand({ Name }));
    return Parameter?.Value ?? '';
  }

  /** Waits until the registry has taken in what this asks for. */
  async untilAccess(agent: string, fits: (access: AccessRecord) => boolean): Promise<void> {
    await until(`the access record of ${agent}`, async () => {
      const access = await this.client.access(agent);
      return access !== undefined && fits(access);
    });
  }

  /** The copy of a message in an error queue: the body and the mesh's attributes. @param id the event's */
  async errorCopies(agent: string, id: string, count = 1) {
    return this.fixture.mesh
      .tap(errorQueueName(meshName(), agent))
      .waitFor(`${count} copies of ${id}`, count, ({ body }) => body.includes(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

export const nameIn = (principals: AccessRecord['principals'], name: string): boolean =>
  Object.values(principals).some((principal) => principal.name === name);
