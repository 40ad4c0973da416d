import { expect, test } from 'vitest';
import { posthorn } from './world.ts';

const SAYS_ITS_ARENAS = `data:text/javascript,process.on('exit', () => console.error('arenas: ' + process.env.MALLOC_ARENA_MAX))`;
const arenasOf = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { code, stderr } = await posthorn([...args, '--help'], { nodeOptions: ['--import', SAYS_ITS_ARENAS], env });
  expect(code).toBe(0);
  return stderr.match(/(?<=arenas: ).*/g);
};

test('posthorn dev is one process, and has two arenas on Linux, unless its environment says otherwise', async () => {
  expect(await arenasOf(['dev'])).toEqual([process.platform === 'linux' ? '2' : 'undefined']);
  expect(await arenasOf(['dev'], { MALLOC_ARENA_MAX: '7' })).toEqual(['7']);
  expect(await arenasOf(['send'])).toEqual(['undefined']);
});
