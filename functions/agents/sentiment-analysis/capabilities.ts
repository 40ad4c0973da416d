import type { Capability } from 'posthorn';

/** What each version offers. */
export const capabilities: readonly Capability[] = [
  {
    id: 'sentiment-analysis',
    name: 'Sentiment analysis',
    description: 'A score from -1 (negative) to 1 (positive) for an English text.',
    tags: ['text', 'sentiment', 'english'],
  },
  {
    id: 'emotion-detection',
    name: 'Emotion detection',
    description: 'The share of each of eight basic emotions among the emotional words of an English text.',
    tags: ['text', 'emotion', 'english'],
  },
];
