/**
 * The name of a function in a request: given by its name, by `<account>:function:<name>` or by its ARN.
 *
 * @returns `undefined` for one of another version than `$LATEST`: the embedded cloud has no versions and aliases
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function functionReference(reference: string, qualifier: string | undefined): string | undefined {
  const [, name = reference, inReference] =
    /^(?:(?:arn:aws:lambda:[^:]*:)?\d{12}:function:)?([\w-]+)(?::([\w$-]+))?$/.exec(reference) ?? [];
  const version = inReference ?? qualifier ?? '$LATEST';
  return version === '$LATEST' ? name : undefined;
}
