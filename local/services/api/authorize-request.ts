import type { LogLine } from '../../lambda/function-worker.ts';
import type { SyncInvocation } from '../../lambda/sync-invocations.ts';
import type { ApiAuthorizer } from '../../template/deployed-api.ts';
import { AUTHORIZER_FAILED, AUTHORIZER_MISCONFIGURED, DENIED, type Fault, NOT_ALLOWED, UNAUTHORIZED } from './api-answer.ts';
import { type AuthorizerAnswer, authorizerAnswerSchema, verdictOf } from './authorizer-policy.ts';

/** Who an authorizer says makes a request: a function gets it as `requestContext.authorizer`. */
export interface Authorized {
  readonly principalId: string;
  /** What the authorizer adds. */
  readonly context: Readonly<Record<string, string>>;
}

export interface AuthorizerOptions {
  /** @returns `undefined` if the function is not deployed */
  invoke(functionName: string, functionArn: string, event: string): Promise<SyncInvocation | undefined>;
  log(line: LogLine): void;
}

interface Kept {
  readonly answer: AuthorizerAnswer;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** The answers that API Gateway keeps, by token. They end with the deployment of their authorizer. */
const kept = new WeakMap<ApiAuthorizer, Map<string, Kept>>();

/** More tokens than a person tries out; the first are dropped then. */
const MAX_KEPT = 1_000;

/**
 * Asks a TOKEN authorizer about a request, as API Gateway does.
 *
 * @param token the value of the authorizer's header
 * @param methodArn of the request
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export async function authorizeRequest(
  authorizer: ApiAuthorizer,
  { token, methodArn }: { readonly token: string | undefined; readonly methodArn: string },
  options: AuthorizerOptions,
): Promise<Authorized | Fault> {
  if (token === undefined || token === '' || authorizer.form?.test(token) === false) return UNAUTHORIZED;
  const answer = keptAnswer(authorizer, token) ?? (await askAuthorizer(authorizer, { token, methodArn }, options));
  if ('status' in answer) return answer;
  keep(authorizer, token, answer);
  const verdict = verdictOf(answer, methodArn);
  if (verdict !== 'allowed') return verdict === 'denied' ? DENIED : NOT_ALLOWED;
  const { principalId, context } = answer;
  return { principalId, context: Object.fromEntries(Object.entries(context ?? {}).map(([name, value]) => [name, String(value)])) };
}

async function askAuthorizer(
  { name, function: { name: functionName, arn } }: ApiAuthorizer,
  { token, methodArn }: { readonly token: string; readonly methodArn: string },
  { invoke, log }: AuthorizerOptions,
): Promise<AuthorizerAnswer | Fault> {
  const invocation = await invoke(functionName, arn, JSON.stringify({ type: 'TOKEN', authorizationToken: token, methodArn }));
  if (invocation === undefined) return AUTHORIZER_FAILED;
  const { result } = invocation;
  if (result.kind !== 'succeeded') return result.failure?.errorMessage === 'Unauthorized' ? UNAUTHORIZED : AUTHORIZER_FAILED;
  const parsed = authorizerAnswerSchema.safeParse(JSON.parse(result.response));
  if (parsed.success) return parsed.data;
  // The paths and no values: an answer may have what the token says.
  const where = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the answer'}: ${message}`).join('; ');
  log({ functionName, stream: 'platform', text: `The authorizer ${name} is answered 500: its answer cannot be used here: ${where}` });
  return AUTHORIZER_MISCONFIGURED;
}

function keptAnswer(authorizer: ApiAuthorizer, token: string): AuthorizerAnswer | undefined {
  const found = kept.get(authorizer)?.get(token);
  return found !== undefined && Date.now() < found.until ? found.answer : undefined;
}

function keep(authorizer: ApiAuthorizer, token: string, answer: AuthorizerAnswer): void {
  if (authorizer.ttlSeconds <= 0) return;
  const answers = kept.get(authorizer) ?? new Map<string, Kept>();
  kept.set(authorizer, answers);
  const known = answers.get(token);
  // An answer that is used again is not kept longer.
  if (known !== undefined && Date.now() < known.until) return;
  answers.set(token, { answer, until: Date.now() + authorizer.ttlSeconds * 1_000 });
  for (const first of answers.keys()) {
    if (answers.size <= MAX_KEPT) break;
    answers.delete(first);
  }
}
