import { describe, expect, it } from 'vitest';
import { MAX_WAITING_SPANS, type PostSpans, SpanExport } from '../../../../functions/runtime/otlp/span-export.ts';
import { ManualClock } from '../../../helpers/memory-ports.ts';

/** Spans that are texts, one a line. */
function startExport(answer: PostSpans = async () => undefined) {
  const clock = new ManualClock();
  const requests: (readonly string[])[] = [];
  const post: PostSpans = async (body, signal) => {
    requests.push(new TextDecoder().decode(body).split('\n'));
    await answer(body, signal);
  };
  const spans = new SpanExport<string>((texts) => new TextEncoder().encode(texts.join('\n')), { post, clock });
  const push = (count: number, text = 'span') => {
    for (let index = 0; index < count; index++) spans.push(`${text} ${index}`);
  };
  return { clock, requests, spans, push };
}

describe('The export of spans', () => {
  it('sends nothing where there is nothing', async () => {
    const { requests, spans } = startExport();

    await spans.flush(1_000);

    expect(requests).toEqual([]);
  });

  it('sends at most 512 spans in a request', async () => {
    const { requests, spans, push } = startExport();
    push(1_030);

    await spans.flush(1_000);

    expect(requests.map(({ length }) => length)).toEqual([512, 512, 6]);
    expect(requests.flat()).toHaveLength(1_030);
  });

  it('sends at most 4 MB in a request, and loses a span that is larger', async () => {
    const { requests, spans } = startExport();
    for (const size of [3_000_000, 2_000_000, 5_000_000, 1_000_000]) spans.push('x'.repeat(size));

    await expect(spans.flush(1_000)).rejects.toThrow('1 spans of this process are lost');

    expect(requests.map((texts) => texts.map(({ length }) => length))).toEqual([[3_000_000], [2_000_000], [1_000_000]]);
  });

  it('keeps the newest spans of a collector that is down, and counts all that are lost', async () => {
    let isDown = true;
    const { clock, requests, spans, push } = startExport(async () => {
      if (isDown) throw new Error('down');
    });
    push(1, 'first');
    await expect(spans.flush(1_000)).rejects.toThrow('1 spans of this process are lost');
    push(MAX_WAITING_SPANS + 10);
    await spans.flush(1_000);
    expect(requests).toHaveLength(1);

    isDown = false;
    clock.advance(1_000);
    await expect(spans.flush(1_000)).rejects.toThrow('11 spans of this process are lost');
    await spans.flush(1_000);

    expect(requests.slice(1).flat()).toEqual(Array.from({ length: MAX_WAITING_SPANS }, (_, index) => `span ${index + 10}`));
  });

  it('pauses twice as long after each failure, a minute at most', async () => {
    const { clock, requests, spans, push } = startExport(() => Promise.reject(new Error('down')));
    const pauses: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      push(1);
      await expect(spans.flush(1_000)).rejects.toThrow();
      let pausedSeconds = 0;
      for (const count = requests.length; requests.length === count; pausedSeconds++) {
        clock.advance(1_000);
        push(1);
        await spans.flush(1_000).catch(() => undefined);
      }
      pauses.push(pausedSeconds);
      // That was a failure, too.
      failure++;
      clock.advance(60_000);
    }

    expect(pauses).toEqual([1, 4, 16, 60]);
  });

  it('gives up a request that heeds no signal', async () => {
    const { spans, push } = startExport(() => new Promise(() => undefined));
    push(3);

    await expect(spans.flush(10)).rejects.toThrow('3 spans of this process are lost');
  });
});
