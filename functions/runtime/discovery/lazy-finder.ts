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
    this.#finder ??= import('./agent-finder.ts').then(({ AgentFinder: Finder }) => new Finder(this.#ports));
    return (await this.#finder).find(wanted, journey);
  }

  /** Resolves when nothing is being read. Never rejects. */
  async idle(): Promise<void> {
    await (await this.#finder)?.idle();
  }
}
