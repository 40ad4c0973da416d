/** An error that the user can fix. The message names the problem, the remedy names the fix. The CLI prints both without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly remedy: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly remedy?: string }) {
    super(message, options);
    this.remedy = options?.remedy;
  }
}
