import { expect, test } from 'vitest';
import { InvalidEventError, NoTokenError, RegistryError } from '../../../client/errors.ts';
import { isFatal } from '../../../client/is-fatal.ts';

const systemError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const awsFault = (name: string) => Object.assign(new Error('no'), { name, $fault: 'client' });

test.each([
  [systemError('ECONNRESET'), true],
  [awsFault('AccessDenied'), true],
  [awsFault('QueueDoesNotExist'), true],
  [awsFault('NoSuchKey'), false],
  [awsFault('ThrottlingException'), false],
  [new NoTokenError('none'), true],
  [new RegistryError('it may not be read'), true],
  [new InvalidEventError('time: is missing'), false],
])('%s ends everything: %s', (error, fatal) => {
  expect(isFatal(error)).toBe(fatal);
});
