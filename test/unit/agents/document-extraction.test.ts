import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import agent from '../../../functions/agents/document-extraction/agent.ts';
import { countText } from '../../../functions/agents/document-extraction/count-text.ts';
import { detectLanguage } from '../../../functions/agents/document-extraction/detect-language.ts';
import { extractText } from '../../../functions/agents/document-extraction/extract-text.ts';
import { fakeContent } from '../../../testing/fake-content.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeMessage } from '../../../testing/fake-message.ts';

const contentFile = (name: string) => readFile(new URL(`../../../events/samples/content/${name}`, import.meta.url));
const never = new AbortController().signal;
const extract = (bytes: Uint8Array | string, contentType: string) => extractText(fakeContent(bytes, contentType), never);

describe('document-extraction', () => {
  it('sends the text, language and counts of an HTML page to sentiment-analysis', async () => {
    const context = fakeContext();
    const page = fakeContent(await contentFile('notice.html'), 'text/html');

    const result = await agent.handle(fakeMessage(page, { id: 'm-7', subject: 'notice-ferry' }), context);

    expect(result).toMatchObject({ documentId: 'notice-ferry', language: 'eng', counts: { pages: 1, words: 51 } });
    expect(context.sent).toMatchObject([
      {
        target: { capability: 'sentiment-analysis' },
        data: {
          documentId: 'notice-ferry',
          title: 'Notice: the ferry & the storm',
          language: 'eng',
          text: expect.stringMatching(/^The evening ferry/),
        },
      },
    ]);
  });

  it('takes the id of the message for a document without a subject', async () => {
    const context = fakeContext();

    await agent.handle(fakeMessage(fakeContent('Some text.', 'text/plain'), { id: 'm-8' }), context);

    expect(context.sent).toMatchObject([{ data: { documentId: 'm-8', text: 'Some text.' } }]);
  });

  it('takes only the documents that it can read', () => {
    expect(agent.input._zod.def.type).toBe('custom');
    expect(agent.calls).toEqual(['sentiment-analysis']);
  });
});

describe('extractText', () => {
  it('reads the pages and the title of a PDF, and leaves the bytes as they were', async () => {
    const bytes = new Uint8Array(await contentFile('letter.pdf'));
    const before = Buffer.from(bytes);

    const { text, title, pages } = await extract(bytes, 'application/pdf');

    expect({ title, pages }).toEqual({ title: 'Annual letter to the members', pages: 2 });
    expect(text).toMatch(/^Annual letter to the members\nDear members, .*\nThe roof/);
    expect(text).toContain('summer concert.\nSome of you');
    expect(text).toMatch(/long silence\.\n\nWe expect a better year/);
    expect(Buffer.from(bytes)).toEqual(before);
  });

  it('leaves hidden elements of a page out', async () => {
    const { text } = await extract(await contentFile('notice.html'), 'text/html');

    expect(text).not.toMatch(/never run|font-family|Home/);
    expect(text).toContain(' * Tickets stay valid tomorrow.');
    expect(text).toMatch(/\nFerry Leaves\nMorning 07:30\nNoon 12:00/);
  });

  it('makes one form of newlines and blanks', async () => {
    const { text, title } = await extract('\uFEFFOne\r\ntwo  \t\r\n\r\n\r\n\r\nthree\n', 'text/plain');

    expect({ text, title }).toEqual({ text: 'One\ntwo\n\nthree', title: undefined });
  });

  it.each([
    ['nothing', '', 'text/plain', 'EmptyDocument'],
    ['blanks', ' \n\t', 'text/plain', 'EmptyDocument'],
    ['a page without words', '<p><img src="x.png"></p>', 'text/html', 'EmptyDocument'],
    ['a PDF in name only', 'Not a PDF', 'application/pdf', 'BrokenDocument'],
    ['no PDF at all', '', 'application/pdf', 'BrokenDocument'],
    ['a page of tags within tags', `${'<div>'.repeat(50_000)}x`, 'text/html', 'BrokenDocument'],
    ['a page that takes more memory than there is', '<p>x'.repeat(1_000_000), 'text/html', 'DocumentTooLarge'],
  ])('refuses %s for good', async (_, bytes, contentType, code) => {
    await expect(extract(bytes, contentType)).rejects.toMatchObject({ kind: 'permanent', code });
  });

  it('refuses a PDF that is cut off', async () => {
    const bytes = await contentFile('letter.pdf');

    await expect(extract(bytes.subarray(0, 60), 'application/pdf')).rejects.toMatchObject({ kind: 'permanent', code: 'BrokenDocument' });
  });

  it('stops in the middle of a page when the time is up, with the reason of the signal', async () => {
    const reason = new Error('time is up');
    const abort = new AbortController();
    const extracting = extractText(fakeContent('<p>x'.repeat(200_000), 'text/html'), abort.signal);

    setImmediate(() => abort.abort(reason));

    await expect(extracting).rejects.toBe(reason);
  });

  it('does not begin when the time is up already', async () => {
    const reason = new Error('time is up');

    await expect(extractText(fakeContent('<p>x', 'text/html'), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('takes no table at its word', async () => {
    const { text } = await extract('<table><tr><td colspan="100000000" rowspan="100000000">wide</td><td>cell</table>', 'text/html');

    expect(text).toBe('wide cell');
  });
});

describe('countText', () => {
  it.each([
    ['', { characters: 0, words: 0, sentences: 0 }],
    ['It works. Well done!', { characters: 20, words: 4, sentences: 2 }],
    ['No full stop', { characters: 12, words: 3, sentences: 1 }],
    ['Really?! He said "yes." Then left', { characters: 33, words: 6, sentences: 3 }],
    ["It isn't 3.5 kg, it's well-kept.", { characters: 32, words: 6, sentences: 1 }],
    ['👍👍', { characters: 2, words: 0, sentences: 0 }],
    ['今日は。元気？', { characters: 7, words: 2, sentences: 2 }],
  ])('counts %j', (text, counts) => {
    expect(countText(text)).toEqual(counts);
  });

  it('counts words as the expression of a whole word does', () => {
    const wholeWord = /[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu;
    const character = fc.constantFrom('a', 'é', '7', '漢', '𠀀', '-', '.', "'", '’', ' ', '\n', '👍', '\ud840', '\udc00');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 30 }), (text) => {
        expect(countText(text).words).toBe(text.match(wholeWord)?.length ?? 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a word of five million hyphens', 'a-', 10_000_000],
    ['ten million characters without a blank', '漢字', 10_000_000],
    ['five million characters beyond the basic plane', '𠀀', 5_000_000],
  ])('counts %s as one word', (_, unit, characters) => {
    expect(countText(unit.repeat(5_000_000))).toEqual({ characters, words: 1, sentences: 1 });
  });

  it('takes a text of nothing but full stops in its stride', () => {
    expect(countText(`${'.'.repeat(1_000_000)}x`)).toEqual({ characters: 1_000_001, words: 1, sentences: 1 });
  });
});

describe('detectLanguage', () => {
  it.each([
    ['The delivery was late, but the staff were friendly.', 'eng'],
    ['Der Service war wunderbar und freundlich.', 'deu'],
    ['Short', 'und'],
  ])('finds %j to be %s', (text, language) => {
    expect(detectLanguage(text)).toBe(language);
  });
});
