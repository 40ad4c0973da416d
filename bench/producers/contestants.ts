import type { ProducerOrder } from './producer-messages.ts';

/** A way of sending to an agent that is slower. */
export interface Contestant extends Pick<ProducerOrder, 'kind' | 'producers'> {
  readonly name: string;
}

export const GOVERNED: Contestant = { name: 'createProducer', kind: 'createProducer', producers: 1 };
export const SDK_LOOP: Contestant = { name: 'the SDK in a loop', kind: 'sdk', producers: 1 };
export const CONTESTANTS: readonly Contestant[] = [
  GOVERNED,
  SDK_LOOP,
  { name: 'sqs-producer 8.0.4', kind: 'sqs-producer', producers: 1 },
  { name: 'ten createProducer', kind: 'createProducer', producers: 10 },
];
