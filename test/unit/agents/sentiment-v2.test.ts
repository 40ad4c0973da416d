import { describe, expect, it } from 'vitest';
import first from '../../../functions/agents/sentiment-analysis/agent.ts';
import { scoreSentiment } from '../../../functions/agents/sentiment-analysis/score-sentiment.ts';
import agent from '../../../functions/agents/sentiment-v2/agent.ts';
import { scoreWithDegrees } from '../../../functions/agents/sentiment-v2/score-with-degrees.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeMessage } from '../../../testing/fake-message.ts';

describe('sentiment-v2', () => {
  it('offers what the first version offers, takes the same messages, and sends its analysis to who writes reports', async () => {
    const context = fakeContext();
    const message = fakeMessage({ documentId: 'd-1', text: 'The kettle is very good, and I am happy with it.' });

    const result = await agent.handle(message, context);

    expect(agent.capabilities).toEqual(first.capabilities);
    expect(agent.input).toBe(first.input);
    expect(result).toMatchObject({ documentId: 'd-1', sentiment: { score: 0.75, label: 'positive', ratedWords: 2 } });
    expect(context.sent).toMatchObject([{ target: { capability: 'report-writing' }, data: { sentiment: { score: 0.75 } } }]);
  });

  it.each([
    ['The food was good.', 0.6],
    ['The food was very good.', 0.9],
    ['The food was slightly good.', 0.3],
    ['The food was not very good.', -0.9],
    ['It was extremely superb.', 1],
    ['Very the good.', 0.6],
  ])('scores "%s" as %d', (text, score) => {
    expect(scoreWithDegrees(text).score).toBe(score);
  });

  it('leaves the first version as it was', () => {
    expect(scoreSentiment('The food was very good.')).toEqual(scoreSentiment('The food was good.'));
  });
});
