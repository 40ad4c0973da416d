import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PermanentError } from 'posthorn';
import type { ExtractedText } from './extracted-text.ts';
import type { ParserAnswer, ParserTask } from './parser-process.ts';

/** Enough for 10 MB of an ordinary page. */
const MAX_HEAP_MB = 256;

/**
 * Parses a document in a separate process. Documents are untrusted, and a few bytes can keep a parser busy for hours or take all
 * memory. In a separate process that ends the parser, not the function with the other messages of its batch. A worker thread is not
 * enough: V8 may end the whole process when a thread runs out of memory.
 *
 * Costs about 0.1 s a document.
 *
 * @throws PermanentError of the parser; `DocumentTooLarge` when it needs more than 256 MB
 * @throws the signal's reason as soon as it aborts, even in the middle of a page
 */
export async function parseInProcess(task: ParserTask, signal: AbortSignal): Promise<ExtractedText> {
  signal.throwIfAborted();
  // Imported lazily, so that a bundler writes it into a separate file, which the process runs.
  const { parserUrl } = await import('./parser-process.ts');
  const parser = fork(fileURLToPath(parserUrl), {
    execArgv: [...process.execArgv, `--max-old-space-size=${MAX_HEAP_MB}`],
    // Keeps credentials from an exploited parser. Lambda's node needs its library path.
    env: { LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });

  const { promise, resolve, reject } = Promise.withResolvers<ParserAnswer>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  parser.once('message', (answer: ParserAnswer) => resolve(answer));
  parser.once('error', reject);
  parser.once('exit', (code, killedBy) => reject(endedBy(killedBy ?? `exit code ${code}`)));
  parser.send(task, (error) => error && reject(error));
  try {
    const answer = await promise;
    if ('code' in answer) throw new PermanentError(answer.code, answer.reason);
    if ('bug' in answer) throw new Error(`the parser failed: ${answer.bug}`);
    return answer;
  } finally {
    signal.removeEventListener('abort', abort);
    parser.kill('SIGKILL');
  }
}

/** V8 aborts when it is out of memory. Behind a shell that is exit code 134. */
function endedBy(cause: string): Error {
  return cause === 'SIGABRT' || cause === 'exit code 134'
    ? new PermanentError('DocumentTooLarge', `reading the document takes more than ${MAX_HEAP_MB} MB of memory`)
    : new Error(`the parser ended by ${cause} and without an answer`);
}
