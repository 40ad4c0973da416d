/**
 * Something that the person at the terminal can mend: the message says what is wrong, the remedy what to do. Printed
 * without a stack; the command exits with 1.
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly remedy: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly remedy?: string }) {
    super(message, options);
    this.remedy = options?.remedy;
  }
}
