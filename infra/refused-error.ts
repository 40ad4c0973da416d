/** The app cannot be synthesized as it stands. The message says what is wrong and what to do, one line per problem. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
  }
}
