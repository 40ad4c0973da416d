import { hash } from 'node:crypto';
import { AGENT_IDS, type AgentId } from './agents.ts';
import type { Clients } from './clients.ts';
import type { FaultKind } from './faults.ts';
import type { Forgers } from './forgers.ts';
import { type Data, type Kind, wireOf } from './message-data.ts';
import { PARTNER, PRODUCER } from './senders.ts';
import { credentialOf } from './simulated-issuer.ts';
import { BUCKET, type Services } from './simulated-ports.ts';
import type { World } from './world.ts';

/** A message that an author of agents would not have thought of, by the fault that brings it. */
const POISONS: readonly (readonly [FaultKind, readonly Kind[]])[] = [
  ['poison-kills', ['kills']],
  ['poison-loops', ['loops']],
  ['poison-hangs', ['hangs', 'late']],
  ['poison-throws', ['permanent', 'bug', 'unfit']],
  ['flaky', ['flaky', 'limited']],
];

/** Where agents send to capabilities, so many journeys have many messages each: they have to keep their agents. */
const JOURNEYS = 10;

/** Clients that put events into inboxes, from time to time and some at once, until there are as many messages as asked for. */
export class Producer {
  readonly #world: World;
  readonly #services: Services;
  readonly #forgers: Forgers;
  readonly #clients: Clients | undefined;
  #sequence = 0;

  /** @param clients that send by the real producer; without them, what is sent is in its queue at once */
  constructor(world: World, services: Services, forgers: Forgers, clients?: Clients) {
    this.#world = world;
    this.#clients = clients;
    this.#services = services;
    this.#forgers = forgers;
  }

  /** @param isEnough whether there are as many messages as asked for */
  start(isEnough: () => boolean): void {
    const { scheduler, choices } = this.#world;
    if (isEnough() || this.#clients?.haveGivenUp) {
      this.#clients?.end();
      return;
    }
    const agent = choices.chance(0.5) ? 'intake' : (AGENT_IDS[choices.integer(0, AGENT_IDS.length - 1)] ?? 'intake');
    for (let count = choices.integer(1, 15); count > 0 && !this.#clients?.isBusy; count--) this.#produce(agent);
    scheduler.after(choices.integer(0, 2_500), () => this.start(isEnough));
  }

  /** What an agent sends may be trouble too. */
  readonly compose = (parent: string): Data => {
    const { choices } = this.#world;
    const size = choices.weighted({ none: 80, some: 16, claimCheck: 4 });
    return {
      ...this.#trouble(),
      tag: `${parent.slice(0, 40)}/${choices.integer(0, 1_000_000)}`,
      seal: 'true',
      scratch: {},
      ...(size !== 'none' && { pad: 'x'.repeat(size === 'some' ? choices.integer(100, 7_500) : choices.integer(8_300, 20_000)) }),
    };
  };

  #trouble(): { readonly kind: Kind; readonly fixedIn: number } {
    const { faults, choices } = this.#world;
    for (const [fault, kinds] of POISONS) {
      const kind = faults.happens(fault) ? kinds[choices.integer(0, kinds.length - 1)] : undefined;
      if (kind) return { kind, fixedIn: choices.integer(0, 1) * 2 };
    }
    return { kind: choices.chance(0.03) ? 'slow' : 'ok', fixedIn: 0 };
  }

  #produce(agent: AgentId): void {
    const { faults, choices, scheduler } = this.#world;
    const number = this.#sequence++;
    const sender = choices.chance(0.5) ? PARTNER : PRODUCER;
    const sendDirectly = (body: string) =>
      void this.#services.queues.get(`${agent} inbox`)?.send(body, credentialOf(this.#services.issuer, sender, agent), sender);
    // The real producer refuses what no agent would take.
    if (faults.happens('invalid-envelope')) {
      sendDirectly(brokenBody(choices.integer(0, 3), number));
      return;
    }
    const send = this.#clients === undefined ? sendDirectly : (body: string) => this.#clients?.send(sender, agent, body);

    const data = this.compose(`m${number}`);
    const envelope = {
      specversion: '1.0',
      id: `m${number}`,
      source: sender === PARTNER ? '/partner' : '/producer',
      type: 'event',
      time: new Date(scheduler.now).toISOString(),
      subject: data.kind,
      // What has none gets one of the real producer, which is another in each run.
      ...((choices.chance(0.5) || this.#clients !== undefined) && { traceparent: traceparent(choices.uuid(), choices.uuid()) }),
      ...(choices.chance(0.2) && { correlationid: `c${this.#services.offers === undefined ? number : number % JOURNEYS}` }),
      ...(number % 3 === 0 && { tenant: `t${number % 2}` }),
      ...(faults.happens('expires') && { expirytime: new Date(scheduler.now + choices.integer(-1_000, 30_000)).toISOString() }),
    };
    const body = JSON.stringify({ ...envelope, ...this.#payload(data) });
    const afterMs = this.#forgers.learn(`${agent} inbox`, body);
    if (afterMs === 0) send(body);
    else scheduler.after(afterMs, () => send(body));
    if (faults.happens('sent-twice')) scheduler.after(choices.integer(0, 20_000), () => send(body));
    if (faults.happens('sent-with-other-data')) {
      const other = this.compose('other');
      const otherBody = JSON.stringify({ ...envelope, subject: other.kind, data: wireOf(other) });
      scheduler.after(choices.integer(0, 20_000), () => send(otherBody));
    }
  }

  /** Inline, or behind a claim check that may lead nowhere or to something else. */
  #payload(data: Data): Readonly<Record<string, unknown>> {
    const { faults } = this.#world;
    const wire = wireOf(data);
    if (data.pad === undefined || data.pad.length < 4_000) return { data: wire };
    const bytes = Buffer.from(JSON.stringify(wire));
    const hex = hash('sha256', bytes, 'hex');
    const key = `sha-256/${hex}`;
    if (faults.happens('content-overwritten')) {
      this.#services.objects.set(key, Buffer.from(bytes.toString().replace('"seal":"true"', '"seal":"fake"')));
    } else if (!faults.happens('content-missing')) this.#services.objects.set(key, bytes);
    return { dataref: `s3://${BUCKET}/${key}`, datadigest: `sha-256:${hex}`, datasize: bytes.byteLength };
  }
}

const traceparent = (trace: string, span: string) => `00-${trace.replaceAll('-', '')}-${span.replaceAll('-', '').slice(16)}-01`;

function brokenBody(form: number, number: number): string {
  switch (form) {
    case 0:
      return `{"specversion": "1.0", "id": "broken-${number}"`;
    case 1:
      return JSON.stringify({
        specversion: '0.3',
        id: `broken-${number}`,
        source: '/producer',
        type: 'event',
        time: '2026-01-01T00:00:00Z',
      });
    case 2:
      return JSON.stringify([number]);
    default:
      return JSON.stringify({ specversion: '1.0', source: '/producer', type: 'event', time: '2026-01-01T00:00:00Z', data: { number } });
  }
}
