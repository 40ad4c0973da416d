import { type ModelUsage, sumUsage } from '../../../events/model-usage.ts';
import { PermanentError } from '../failure/errors.ts';

const MAX_MODEL_CHARACTERS = 128;
const MAX_MODELS = 10;

/**
 * Adds what a call of a model used to what the attempt has used before.
 *
 * @throws PermanentError `InvalidUsage` naming the field, the kind of its value and what it must be
 */
export function addUsage(before: readonly ModelUsage[], given: ModelUsage): readonly ModelUsage[] {
  const { model, inputTokens, outputTokens } = checked(given);
  const after = sumUsage([...before, { model, inputTokens, outputTokens }]);
  if (after.length > MAX_MODELS) throw invalid(`model: one attempt reports at most ${MAX_MODELS} models`);
  const sum = after.find((used) => used.model === model);
  if (!Number.isSafeInteger(sum?.inputTokens) || !Number.isSafeInteger(sum?.outputTokens))
    throw invalid(`inputTokens, outputTokens: their sums for '${model}' must be at most ${Number.MAX_SAFE_INTEGER}`);
  return after;
}

/** Callers without types, and answers of services, may have anything here. */
function checked(given: unknown): ModelUsage {
  if (typeof given !== 'object' || given === null) throw invalid(`usage: is ${kindOf(given)}: give an object with model and tokens`);
  const model: unknown = Reflect.get(given, 'model');
  if (typeof model !== 'string' || model === '' || model.length > MAX_MODEL_CHARACTERS || /\p{Cc}|\p{Cs}/u.test(model))
    throw invalid(`model: is ${kindOf(model)}: give a name of 1 to ${MAX_MODEL_CHARACTERS} printable characters`);
  return { model, inputTokens: tokensIn(given, 'inputTokens'), outputTokens: tokensIn(given, 'outputTokens') };
}

function tokensIn(given: object, name: 'inputTokens' | 'outputTokens'): number {
  const tokens: unknown = Reflect.get(given, name);
  if (typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
  throw invalid(`${name}: is ${kindOf(tokens)}: give a whole number of tokens, 0 or more`);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'string' ? `a string of ${value.length} characters` : `of type ${typeof value}`;
}

const invalid = (message: string): PermanentError => new PermanentError('InvalidUsage', `context.usage: ${message}`);
