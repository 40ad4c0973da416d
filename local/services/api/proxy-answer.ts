import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import type { ApiAnswer } from './api-answer.ts';

const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const responseSchema = z.looseObject({
  statusCode: z.coerce.number().int().min(200).max(599),
  headers: z.record(z.string(), value).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(value)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers of the connection, which API Gateway sets itself. It gives the function's under another name. */
const REMAPPED: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'server', 'www-authenticate']);

/** The reason why a function's response is no answer. */
export interface Malformed {
  readonly problem: string;
}

/**
 * The answer of a function by Lambda proxy integration.
 *
 * @param response the JSON that the handler returned
 * @param acceptsBinary whether a body in base64 is sent as bytes; otherwise it is sent as the text that it is
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
 */
export function proxyAnswer(response: string, acceptsBinary: boolean): ApiAnswer | Malformed {
  const parsed = responseSchema.safeParse(JSON.parse(response));
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parsed.data;
  const lines = headerLines(headers ?? {}, multiValueHeaders ?? {});
  try {
    for (const [name, text] of lines) {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const isTyped = lines.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    status: statusCode,
    headers: [...(isTyped ? [] : ['Content-Type', 'application/json']), ...lines.flat()],
    body: Buffer.from(body ?? '', isBase64Encoded === true && acceptsBinary ? 'base64' : 'utf8'),
  };
}

/** Both lists in one. A value that is in both is sent once. */
function headerLines(
  single: Readonly<Record<string, string>>,
  multiple: Readonly<Record<string, readonly string[]>>,
): readonly (readonly [string, string])[] {
  const lines = Object.entries(multiple).flatMap(([name, values]) => values.map((text) => [name, text] as const));
  const isThere = ([name, text]: readonly [string, string]) =>
    lines.some(([other, otherText]) => other.toLowerCase() === name.toLowerCase() && otherText === text);
  return [...lines, ...Object.entries(single).filter((line) => !isThere(line))]
    .filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
    .map(([name, text]) => [REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, text]);
}
