/** A double of a service that an agent calls, for the laptop. Disposing of it ends it. */
export interface LocalDouble extends Partial<AsyncDisposable> {
  /** Values of variables that the agent's definition declares. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * What has happened outside the mesh because of messages, by name: samples may expect it (`expect.facts`).
   *
   * @param messageIds ids of the messages in question
   * @default nothing happens outside
   */
  facts?(messageIds: ReadonlySet<string>): Readonly<Record<string, number>>;
}

/** What `posthorn dev` gives to the start function of {@link defineLocal}. */
export interface LocalOptions {
  /** A free port of 127.0.0.1: the same at each start, so that an unchanged app need not be synthesized again. */
  readonly port: number;
}

/** Starts what an agent needs on a laptop. */
export type StartLocal = (options: LocalOptions) => LocalDouble | Promise<LocalDouble>;

/**
 * Declares what an agent needs on a laptop: `posthorn dev` runs the `local.ts` beside an `agent.ts`, which has it as its default export.
 *
 * @param start called once, before the app is synthesized; what it throws ends the start
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 *
 * export default defineLocal(({ port }) => {
 *   const server = createServer((_request, response) => response.end('{"status":"succeeded"}')).listen(port, '127.0.0.1');
 *   return { environment: { PAYMENT_URL: `http://127.0.0.1:${port}` }, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
 * });
 * ```
 */
export const defineLocal = (start: StartLocal): StartLocal => start;
