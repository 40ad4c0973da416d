import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';

export type BatchHandler = (event: SQSEvent, context: Context) => Promise<unknown>;

const moduleSchema = z.object({ handler: z.custom<BatchHandler>((value) => typeof value === 'function') });
const answerSchema = z.object({ batchItemFailures: z.array(z.unknown()).check(z.length(0, 'a message of the batch failed')) });

/** The handler of a bundle. It throws if a message fails, so that no failure is measured. */
export async function loadedHandler(bundleFolder: string): Promise<BatchHandler> {
  const { handler } = moduleSchema.parse(await import(pathToFileURL(join(bundleFolder, 'index.mjs')).href));
  return async (event, context) => answerSchema.parse(await handler(event, context));
}
