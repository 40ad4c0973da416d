import { z } from 'zod';

/** An answer of a service that speaks AWS's JSON protocol, and whose SDK client is not installed. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const bodySchema = z.record(z.string(), z.unknown());

/** Sends requests to SSM. Only the key id of the signature has a meaning here. */
export function ssmClient(endpoint: string): (operation: string, input: unknown) => Promise<JsonAnswer> {
  return async (operation, input) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AmazonSSM.${operation}`,
        authorization: 'AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: typeof input === 'string' ? input : JSON.stringify(input),
    });
    return { status: response.status, body: bodySchema.parse(await response.json()) };
  };
}
