import { expect, test } from 'vitest';
import { Scheduler } from './scheduler.ts';

test('what asks to go on at once, again and again, ends the simulation with an error', async () => {
  const scheduler = new Scheduler();
  const again = () => void scheduler.after(0, again);
  again();

  await expect(scheduler.run()).rejects.toThrow('time stands still');
});
