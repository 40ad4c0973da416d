import type { Server } from 'node:http';
import { PortInUseError } from '../../errors.ts';
import { API_PATH, apiUrl } from '../../template/api-url.ts';
import type { DeployedApi } from '../../template/deployed-api.ts';
import type { DataHealth } from '../data-health.ts';
import { closeServer, guarded, listen, type RequestHandler, type Route } from '../endpoint.ts';
import { answerRequest, type RestApiOptions } from './answer-request.ts';
import { gatewayAnswer } from './gateway-answer.ts';

/** Where a deployed REST API answers. */
export interface ApiAddress {
  readonly id: string;
  readonly name: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly stages: readonly StageAddress[];
}

export interface StageAddress {
  readonly name: string;
  /** At the API's own port, with a slash at its end, e.g. `http://127.0.0.1:4666/prod/`. */
  readonly url: string;
  /** At the endpoint's port, with a slash at its end. */
  readonly endpointUrl: string;
}

export interface RestApisOptions extends RestApiOptions {
  readonly health: DataHealth;
  /** The first port that an API gets, if it is free. @default any free one */
  readonly firstPort?: number;
}

/** Ports that are tried before any free one is taken. */
const MAX_TRIES = 50;
const MAX_PORT = 65_535;

interface Opened {
  readonly server: Server;
  readonly url: string;
}

/** The REST APIs of the deployed apps, each at a path of the endpoint and at a port of its own. */
export class RestApis {
  readonly #options: RestApisOptions;
  /** By owner. */
  readonly #apis = new Map<string, readonly DeployedApi[]>();
  /** By the API's id. */
  readonly #opened = new Map<string, Opened>();

  constructor(options: RestApisOptions) {
    this.#options = options;
  }

  list(): readonly ApiAddress[] {
    return this.#all().map(({ id, name, stackName, logicalId, stages }) => ({
      ...{ id, name, stackName, logicalId },
      stages: stages.map((stage) => ({
        name: stage.name,
        url: `${this.#opened.get(id)?.url ?? apiUrl(this.#options.place, id)}/${stage.name}/`,
        endpointUrl: `${apiUrl(this.#options.place, id)}/${stage.name}/`,
      })),
    }));
  }

  /** Replaces an owner's APIs, whose functions run. An API keeps its port while it is deployed. */
  async deploy(owner: string, apis: readonly DeployedApi[]): Promise<void> {
    this.#apis.set(owner, apis);
    const all = this.#all();
    for (const [id, { server }] of this.#opened) {
      if (all.some((api) => api.id === id)) continue;
      this.#opened.delete(id);
      closeServer(server);
    }
    for (const { id } of all) if (!this.#opened.has(id)) this.#opened.set(id, await this.#open(id));
  }

  stop(): void {
    for (const { server } of this.#opened.values()) closeServer(server);
    this.#opened.clear();
    this.#apis.clear();
  }

  /** The APIs at the endpoint: `/_aws/execute-api/<id>/<stage>/...`. */
  get route(): Route {
    return {
      takes: ({ url = '' }) => url.startsWith(API_PATH),
      answer: (request, response) => {
        const [, id = '', target = ''] = /^([^/?]*)(.*)$/s.exec(request.url?.slice(API_PATH.length) ?? '') ?? [];
        this.#answer(id, target)(request, response);
      },
    };
  }

  #answer(id: string, target: string): RequestHandler {
    return (request, response) => {
      const api = this.#all().find((each) => each.id === id);
      if (api !== undefined) answerRequest(request, response, { api, target }, this.#options);
      else {
        request.resume();
        const { status, headers, body } = gatewayAnswer({
          status: 404,
          errorType: 'NotFoundException',
          message: `No API with the id ${JSON.stringify(id)} is deployed`,
        });
        response.writeHead(status, [...headers]).end(body);
      }
    };
  }

  async #open(id: string): Promise<Opened> {
    const { firstPort, health } = this.#options;
    const handler = guarded(health, (request, response) => this.#answer(id, request.url ?? '/')(request, response));
    for (let port = firstPort ?? MAX_PORT + 1; port < Math.min(MAX_PORT, (firstPort ?? 0) + MAX_TRIES); port++) {
      try {
        const { server, endpoint } = await listen(port, handler);
        return { server, url: endpoint };
      } catch (error) {
        if (!(error instanceof PortInUseError)) throw error;
      }
    }
    const { server, endpoint } = await listen(0, handler);
    return { server, url: endpoint };
  }

  #all(): readonly DeployedApi[] {
    return [...this.#apis.values()].flat();
  }
}
