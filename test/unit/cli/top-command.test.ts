import { expect, test } from 'vitest';
import { topCommand } from '../../../cli/commands/top/top-command.ts';

test('the help of --once says that --json goes on in a pipe, too', () => {
  const once = topCommand().options.find(({ long }) => long === '--once');

  expect(once?.description).toBe('print it once (default where the output is no terminal, but not with --json)');
});
