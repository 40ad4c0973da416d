/** The app cannot be synthesized. The message has a line for each problem, with the remedy. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
  }
}
