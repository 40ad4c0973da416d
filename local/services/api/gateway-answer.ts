import type { GatewayResponse } from '../../template/deployed-api.ts';
import type { ApiAnswer, Fault } from './api-answer.ts';

/** The values of a template's variables, e.g. `context.requestId`. */
export type TemplateVariables = Readonly<Record<string, string>>;

const VARIABLE = /\$((?:context|stageVariables)(?:\.\w+)+)/g;

/**
 * Answers a request that reaches no function: as the API's own response for it says, then the one for its status, otherwise as API Gateway
 * does.
 *
 * @param responses the API's own
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
export function gatewayAnswer(fault: Fault, responses: readonly GatewayResponse[] = [], variables: TemplateVariables = {}): ApiAnswer {
  const { responseType = '', status, errorType, message, member = 'message' } = fault;
  const ofType = (type: string) => responses.find((response) => response.responseType === type);
  const own = ofType(responseType) ?? ofType(status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const known: TemplateVariables = {
    ...variables,
    'context.error.message': message ?? '',
    'context.error.messageString': JSON.stringify(message),
    'context.error.responseType': responseType,
  };
  const { contentType, text } = own?.template ?? { contentType: 'application/json', text: JSON.stringify({ [member]: message }) };
  const body = own?.template === undefined ? text : text.replaceAll(VARIABLE, (_, name: string) => known[name] ?? '');
  const headers = Object.entries(own?.headers ?? {});
  const isTyped = headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    status: own?.status ?? status,
    headers: [...(isTyped ? [] : ['Content-Type', contentType]), ...headers.flat(), 'x-amzn-ErrorType', errorType],
    body: Buffer.from(body),
  };
}
