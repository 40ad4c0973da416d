import type { FoundAgent, FoundFilter } from '../../../events/found-agent.ts';
import type { AgentFinder, WantedAgent } from './agent-finder.ts';
import type { OfferPorts } from './offer-cache.ts';

/** An {@link AgentFinder} that is loaded with the first message to a capability: most agents name those that they send to. */
export class LazyFinder {
  readonly #ports: OfferPorts;
  #finder: Promise<AgentFinder> | undefined;

  constructor(ports: OfferPorts) {
    this.#ports = ports;
  }

  /** As {@link AgentFinder.find}. */
  async find(wanted: WantedAgent, journey: string): Promise<string> {
    return (await this.#loaded()).find(wanted, journey);
  }

  /** As {@link AgentFinder.list}. */
  async list(wanted: WantedAgent & FoundFilter): Promise<readonly FoundAgent[]> {
    return (await this.#loaded()).list(wanted);
  }

  /** Resolves when nothing is being read. Never rejects. */
  async idle(): Promise<void> {
    await (await this.#finder)?.idle();
  }

  #loaded(): Promise<AgentFinder> {
    this.#finder ??= import('./agent-finder.ts').then(({ AgentFinder: Finder }) => new Finder(this.#ports));
    return this.#finder;
  }
}
