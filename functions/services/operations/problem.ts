import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** The kinds of problems, with their status and title. */
const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'unknown-agent': { status: 404, title: 'The mesh has no such agent' },
  'no-card': { status: 404, title: 'The agent has no card' },
  'unknown-journey': { status: 404, title: 'There is no such journey' },
  'unknown-path': { status: 404, title: 'There is nothing at this path' },
  'method-not-allowed': { status: 405, title: 'The path does not take this method' },
  'internal-error': { status: 500, title: 'The service failed' },
  'no-snapshot': { status: 503, title: 'The agent has no snapshot yet' },
} as const satisfies Readonly<Record<string, { readonly status: ContentfulStatusCode; readonly title: string }>>;

/** The kind of a problem. */
export type ProblemKind = keyof typeof PROBLEMS;

/**
 * An error of a request, which is answered with `application/problem+json`.
 *
 * @param detail what is wrong, and the remedy
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  /** All headers of the response. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param headers beside those of every problem */
  constructor(kind: ProblemKind, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.kind = kind;
    this.headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers };
  }

  get status(): ContentfulStatusCode {
    return PROBLEMS[this.kind].status;
  }

  /** The response's body. */
  toJSON(): object {
    return { type: `urn:posthorn:problem:${this.kind}`, ...PROBLEMS[this.kind], detail: this.message };
  }
}
