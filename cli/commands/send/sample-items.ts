import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { ContentBucket } from '../../../client/index.ts';
import { describeIssues } from '../../../events/describe-issues.ts';
import { type Sample, sampleBodies, sampleContent, sampleSchema, type UploadedContent } from '../../../events/sample.ts';
import { CliError } from '../../cli-error.ts';
import type { InputItem } from './input.ts';

/** @throws CliError naming the invalid field */
export function parseSample(value: unknown): Sample {
  const parsed = z.safeParse(sampleSchema, value);
  if (parsed.success) return parsed.data;
  throw new CliError(`the sample is not valid: ${describeIssues(parsed.error, value)}`, {
    cause: parsed.error,
    remedy: 'events/samples/ has examples.',
  });
}

/**
 * Uploads the content that a sample's events refer to.
 *
 * @param folder the sample's folder, which has its content in `content/`
 * @returns the references, by the content's name in the sample
 */
export async function uploadContent(sample: Sample, folder: string, bucket: ContentBucket): Promise<Record<string, UploadedContent>> {
  const uploaded: Record<string, UploadedContent> = {};
  for (const [name, entry] of Object.entries(sample.content)) {
    const bytes = sampleContent(entry, await readFile(join(folder, 'content', entry.file)));
    const { dataref, datadigest, datasize } = await bucket.put(bytes, entry.contentType);
    uploaded[name] = { uri: dataref, digest: datadigest, sizeBytes: datasize };
  }
  return uploaded;
}

/**
 * The events of a sample, repetitions included, after its content is uploaded. The run's id is part of their ids, so that a sample
 * can be sent twice.
 *
 * @param folder the sample's folder, which has its content in `content/`
 */
export async function* sampleItems(sample: Sample, folder: string, bucket: ContentBucket): AsyncGenerator<InputItem> {
  const uploaded = await uploadContent(sample, folder, bucket);
  const bodies = sampleBodies(sample, { run: randomBytes(4).toString('hex'), uploaded });
  for (const [index, text] of bodies.entries()) {
    const event = sample.events[Math.floor(index / sample.repeat)];
    const position = `event ${Math.floor(index / sample.repeat) + 1}${sample.repeat > 1 ? `, time ${(index % sample.repeat) + 1}` : ''}`;
    yield { position, text, bytes: Buffer.from(text), endOffset: index + 1, verbatim: typeof event?.raw === 'string' };
  }
}
