import { expect, test } from 'vitest';
import { Turns } from '../../../../client/producer/turns.ts';

test('turns are given in the order of the calls, and never more than there are', async () => {
  const turns = new Turns(2);
  const order: number[] = [];
  const waits = Array.from({ length: 5 }, (_, nth) => turns.take(undefined).then(() => void order.push(nth)));
  await Promise.all(waits.slice(0, 2));
  expect([order, turns.taken, turns.waiting]).toEqual([[0, 1], 2, 3]);
  expect(turns.tryTake()).toBe(false);

  for (let given = 0; given < 3; given++) turns.giveBack();
  await Promise.all(waits);
  expect([order, turns.taken, turns.waiting]).toEqual([[0, 1, 2, 3, 4], 2, 0]);
  turns.giveBack();
  turns.giveBack();
  expect([turns.taken, turns.tryTake()]).toEqual([0, true]);
});

test('whoever is aborted while waiting has no turn, and takes none from the others', async () => {
  const turns = new Turns(1);
  await turns.take(undefined);
  const controller = new AbortController();
  const aborted = turns.take(controller.signal);
  const other = turns.take(undefined);
  controller.abort(new Error('no longer'));
  await expect(aborted).rejects.toThrow('no longer');
  expect(turns.waiting).toBe(1);
  turns.giveBack();
  await other;
  expect(turns.taken).toBe(1);
  turns.giveBack();
  await expect(turns.take(controller.signal)).rejects.toThrow('no longer');
  expect(turns.taken).toBe(0);
});

test('an abort after the turn was given does not take it back', async () => {
  const turns = new Turns(1);
  await turns.take(undefined);
  const controller = new AbortController();
  const given = turns.take(controller.signal);
  turns.giveBack();
  controller.abort();
  await given;
  expect(turns.taken).toBe(1);
});
