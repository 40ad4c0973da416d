import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SentMessage } from './sender-ids.ts';

/** What of a message is as large as its sender makes it, and its digests. */
export type MessageContents = Pick<SentMessage, 'body' | 'md5OfBody' | 'messageAttributes' | 'md5OfMessageAttributes'>;

/** A file that is written from its beginning to its end, once. */
interface Segment {
  readonly file: number;
  bytes: number;
  /** Contents in it that are still needed. */
  count: number;
}

/** Where contents are. */
export interface Spot {
  readonly segment: Segment;
  readonly start: number;
  readonly bytes: number;
}

/** Of a file: its space is free again once none of its contents is needed. */
const SEGMENT_BYTES = 16 * 1_024 ** 2;

/**
 * The contents of messages in temporary files. They have no name once they are open, so that nothing is left of them after the process,
 * also after a kill -9. Durability is not their part, see {@link makeDurable}.
 */
export class SpilledContents implements Disposable {
  readonly #segments = new Set<Segment>();
  #last: Segment | undefined;
  /** A receive asks for each part by itself. */
  #lastRead: { readonly spot: Spot; readonly contents: MessageContents } | undefined;

  /** @throws Error when the disk is full; what was added before is not affected */
  add({ body, md5OfBody, messageAttributes, md5OfMessageAttributes }: MessageContents): Spot {
    const bytes = Buffer.from(JSON.stringify({ body, md5OfBody, messageAttributes, md5OfMessageAttributes } satisfies MessageContents));
    if (this.#last === undefined || this.#last.bytes >= SEGMENT_BYTES) {
      const full = this.#last;
      this.#last = { file: openNameless(), bytes: 0, count: 0 };
      this.#segments.add(this.#last);
      if (full !== undefined) this.#closeIfUnused(full);
    }
    const segment = this.#last;
    const start = segment.bytes;
    // A part that was written before an error is written over by the next contents.
    for (let written = 0; written < bytes.length; )
      written += writeSync(segment.file, bytes, written, bytes.length - written, start + written);
    segment.bytes += bytes.length;
    segment.count++;
    return { segment, start, bytes: bytes.length };
  }

  read(spot: Spot): MessageContents {
    if (this.#lastRead?.spot === spot) return this.#lastRead.contents;
    const bytes = Buffer.allocUnsafe(spot.bytes);
    for (let read = 0; read < bytes.length; ) {
      const more = readSync(spot.segment.file, bytes, read, bytes.length - read, spot.start + read);
      if (more === 0) throw new Error('A temporary file of messages is shorter than what was written to it: something has changed it');
      read += more;
    }
    const contents: MessageContents = JSON.parse(bytes.toString());
    this.#lastRead = { spot, contents };
    return contents;
  }

  remove(spot: Spot): void {
    if (this.#lastRead?.spot === spot) this.#lastRead = undefined;
    spot.segment.count--;
    this.#closeIfUnused(spot.segment);
  }

  #closeIfUnused(segment: Segment): void {
    if (segment.count > 0 || segment === this.#last || !this.#segments.delete(segment)) return;
    closeSync(segment.file);
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#segments) closeSync(file);
    this.#segments.clear();
  }
}

function openNameless(): number {
  const folder = mkdtempSync(join(folderOnDisk(), 'posthorn-spill-'));
  try {
    return openSync(join(folder, 'messages'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of many Linux systems, /tmp is in memory. */
const folderOnDisk = (): string => process.env.TMPDIR ?? (existsSync('/var/tmp') ? '/var/tmp' : tmpdir());
