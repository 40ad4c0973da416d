import type { ClientOptions } from './client-options.ts';
import { REQUEST_LIMITS } from './request-limits.ts';

/** Reads an SSM parameter, decrypted. @throws if it has no value or cannot be read now */
export async function readParameter(name: string, client: ClientOptions): Promise<string> {
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const ssm = new SSMClient({ ...client, requestHandler: REQUEST_LIMITS });
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    if (Parameter?.Value === undefined) throw new Error(`the SSM parameter ${name} has no value`);
    return Parameter.Value;
  } finally {
    ssm.destroy();
  }
}
