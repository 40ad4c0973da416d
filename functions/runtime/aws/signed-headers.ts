import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { RequestHeaders } from '../otlp/post-spans.ts';

/** As AWS clients have them. */
export type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials'];

/**
 * Signs requests to CloudWatch's OTLP endpoint with the function's own role.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
 */
export function signedHeaders(url: string, region: string, credentials: Credentials): RequestHeaders {
  const signer = new SignatureV4({ service: 'xray', region, credentials, sha256: Sha256 });
  const { protocol, hostname, pathname: path } = new URL(url);
  return {
    async headersFor(body) {
      const headers = { host: hostname, 'content-type': 'application/json' };
      const signed = await signer.sign({ method: 'POST', protocol, hostname, path, headers, body });
      // fetch sets it itself.
      const { host, ...others } = signed.headers;
      return others;
    },
    refused: () => undefined,
  };
}
