/** An error that the person at the terminal can mend: the message says what is wrong, the remedy what to do. It is printed without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly remedy: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly remedy?: string }) {
    super(message, options);
    this.remedy = options?.remedy;
  }
}
