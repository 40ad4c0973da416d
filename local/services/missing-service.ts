import type { IncomingHttpHeaders } from 'node:http';

/** The embedded cloud's services, by their names in a signature's credential scope. */
const SERVICES: Readonly<Record<string, string>> = {
  sqs: 'SQS',
  dynamodb: 'DynamoDB',
  s3: 'S3',
  sns: 'SNS',
  sts: 'STS',
  ssm: 'SSM',
  lambda: 'Lambda',
};
const TARGETS = /^(?:AmazonSQS|DynamoDB_20120810|AmazonSSM)\./;
const SCOPE = /Credential=[^/,]*\/\d{8}\/[^/]*\/([^/]*)\/aws4_request/;

/** The service in a request's signature, e.g. `lambda`. */
export function signedService({ authorization }: IncomingHttpHeaders): string | undefined {
  return SCOPE.exec(authorization ?? '')?.[1];
}

/**
 * The service that a request addresses, if the embedded cloud does not have it. SDKs name it in the signature; SDKs of JSON services
 * also name it in `X-Amz-Target`.
 *
 * @returns its name, e.g. `iam`; `undefined` for a service that exists, and for a request that names none
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export function missingService(headers: IncomingHttpHeaders): string | undefined {
  const scope = signedService(headers);
  const target = headers['x-amz-target'];
  if (scope !== undefined && SERVICES[scope] === undefined) return scope;
  if (target !== undefined && !TARGETS.test(String(target))) return String(target).split('.')[0];
  return undefined;
}

export function missingServiceMessage(service: string): string {
  const there = Object.values(SERVICES);
  return `The embedded cloud has no ${JSON.stringify(service)}: it has ${there.slice(0, -1).join(', ')} and ${there.at(-1)}`;
}
