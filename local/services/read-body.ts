import type { IncomingMessage } from 'node:http';

/**
 * Reads a request to its end.
 *
 * @returns `undefined` if it is longer than that; the rest was read and dropped
 * @throws the connection's error, if it ends before the request
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  });
  await new Promise<void>((resolve, reject) => request.once('end', resolve).once('error', reject));
  return bytes <= maxBytes ? Buffer.concat(chunks) : undefined;
}
