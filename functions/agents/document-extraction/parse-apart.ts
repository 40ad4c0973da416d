import { Worker } from 'node:worker_threads';
import { PermanentError } from '../../runtime/errors.ts';
import type { ExtractedText } from './extract-text.ts';
import type { ParserAnswer, ParserTask } from './parser-thread.ts';

/** Of the function's 1024 MB; a page of 4 MB that is nothing but tags takes about as much. */
const MAX_HEAP_MB = 512;

/**
 * Parses a document in a thread of its own. Documents come from anywhere, and a few bytes can keep a parser busy for
 * hours, take all memory or leave a rejection unhandled. Here that ends the thread, not the process with its neighbours.
 *
 * @throws PermanentError what the parser says of the document; `DocumentTooLarge` when it needs more than 512 MB
 * @throws the signal's reason as soon as it aborts, in the middle of a page too
 */
export async function parseApart(task: ParserTask, signal: AbortSignal): Promise<ExtractedText> {
  signal.throwIfAborted();
  // Imported lazily, so that a bundler makes a file of it that the thread can start with.
  const { parserThreadUrl } = await import('./parser-thread.ts');
  const worker = new Worker(parserThreadUrl, { workerData: { task }, env: {}, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });

  const { promise, resolve, reject } = Promise.withResolvers<ParserAnswer>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  worker.once('message', resolve);
  worker.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge(error) : error));
  worker.once('exit', (code) => reject(new Error(`the parser's thread ended with ${code} and without an answer`)));
  try {
    const answer = await promise;
    if ('code' in answer) throw new PermanentError(answer.code, answer.reason);
    return answer;
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

function tooLarge(cause: Error): PermanentError {
  return new PermanentError('DocumentTooLarge', `reading the document takes more than ${MAX_HEAP_MB} MB of memory`, { cause });
}
