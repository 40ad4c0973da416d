import { randomUUID } from 'node:crypto';

/** The API version in every request of SQS's Query protocol; SNS and STS use others. */
export const SQS_QUERY_VERSION = '2012-11-05';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html */
export const SQS_QUERY_MESSAGE =
  'The embedded cloud speaks the JSON protocol of SQS only, and this SDK speaks the older Query protocol. ' +
  'Use boto3 1.28.82, AWS CLI 1.29.82 or 2.14, AWS SDK for JavaScript 3.447, for Java 2.21.19, for Go 2 1.28 (sqs), for .NET 3.7.681, or newer';

/** An HTTP answer in XML. */
export interface QueryAnswer {
  readonly status: number;
  readonly body: string;
}

/** The elements of a result. */
export interface QueryResult {
  readonly [element: string]: string | QueryResult;
}

/** An error in the form of AWS's Query protocols. @param code e.g. `InvalidAction` */
export function queryError(code: string, message: string, status = 400): QueryAnswer {
  const error = { Type: 'Sender', Code: code, Message: message };
  return { status, body: xml({ ErrorResponse: { Error: error, RequestId: randomUUID() } }) };
}

/** @param action e.g. `GetCallerIdentity` @param namespace of the service's XML */
export function queryAnswer(action: string, namespace: string, result: QueryResult): QueryAnswer {
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: randomUUID() } };
  return {
    status: 200,
    body: xml({ [`${action}Response`]: content }).replace(`<${action}Response>`, `<${action}Response xmlns="${namespace}">`),
  };
}

function xml(document: QueryResult): string {
  return `<?xml version="1.0"?>\n${elements(document)}`;
}

function elements(result: QueryResult): string {
  return Object.entries(result)
    .map(([name, content]) => `<${name}>${typeof content === 'string' ? escaped(content) : elements(content)}</${name}>`)
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
