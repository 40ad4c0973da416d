import * as z from 'zod/mini';

/** What an attempt used of one model. The names are those of OpenTelemetry: `gen_ai.usage.input_tokens`, `gen_ai.usage.output_tokens`. */
export interface ModelUsage {
  /** As `gen_ai.response.model`, e.g. `claude-sonnet-4-5`. */
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Usage as DynamoDB keeps it: a list for each model, because the names of its parts would double its size. */
export const storedUsageSchema = z.pipe(
  z.array(z.tuple([z.string(), z.number(), z.number()])),
  z.transform((stored) => stored.map(([model, inputTokens, outputTokens]): ModelUsage => ({ model, inputTokens, outputTokens }))),
);

export const toStoredUsage = (usage: readonly ModelUsage[]): readonly (readonly [string, number, number])[] =>
  usage.map(({ model, inputTokens, outputTokens }) => [model, inputTokens, outputTokens]);

/** Adds up usage by model, in the order in which the models first appear. */
export function sumUsage(usages: readonly ModelUsage[]): readonly ModelUsage[] {
  const byModel = new Map<string, ModelUsage>();
  for (const { model, inputTokens, outputTokens } of usages) {
    const known = byModel.get(model);
    byModel.set(model, {
      model,
      inputTokens: (known?.inputTokens ?? 0) + inputTokens,
      outputTokens: (known?.outputTokens ?? 0) + outputTokens,
    });
  }
  return [...byModel.values()];
}
