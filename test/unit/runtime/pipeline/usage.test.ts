import { describe, expect, it } from 'vitest';
import type { ModelUsage } from '../../../../events/model-usage.ts';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage, receivedAgain } from '../../../helpers/records.ts';
import { recordOf, startProcess, TIMEOUT_MS, until } from './testing-agent.ts';

const used = (inputTokens: number, outputTokens: number, model = 'small-1'): ModelUsage => ({ model, inputTokens, outputTokens });

describe('What an attempt uses of models', () => {
  it('is in the record of the committed attempt, added up by model', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        for (const usage of [used(10, 1), used(5, 2, 'large-1'), used(20, 0)]) context.usage(usage);
      },
    });

    await deliver(createMessage('a'));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', usage: [used(30, 1), used(5, 2, 'large-1')] });
  });

  it('is in the entry of each failed attempt, and not in the record', async () => {
    const ports = new MemoryPorts();
    const message = createMessage('a');
    const deliver = startProcess(ports, {
      async handle({ attempt }, context) {
        context.usage(used(attempt, 7));
        if (attempt < 3) throw new TransientError('Busy', 'later');
      },
    });

    await deliver(message);
    await deliver(receivedAgain(message));
    await deliver(receivedAgain(receivedAgain(message)));

    expect(recordOf(ports, 'a')).toMatchObject({
      outcome: 'processed',
      attempts: [{ usage: [used(1, 7)] }, { usage: [used(2, 7)] }],
      usage: [used(3, 7)],
    });
  });

  it('of a rejected message is in its attempt', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        context.usage(used(1, 2));
        throw new PermanentError('Unwanted', 'no');
      },
    });

    await deliver(createMessage('a'));

    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'rejected', attempts: [{ usage: [used(1, 2)] }] });
    expect(recordOf(ports, 'a')).not.toHaveProperty('usage');
  });

  it('is not recorded after the attempt is over', async () => {
    const ports = new MemoryPorts();
    let goOn = () => {};
    let isOver = false;
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        context.usage(used(1, 1));
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        context.usage(used(100, 100));
        isOver = true;
      },
    });
    const delivered = deliver(createMessage('a'));
    await until(() => ports.clock.pendingTimers === 2, 'the deadline');
    ports.clock.advance(TIMEOUT_MS - 2_000);
    await delivered;
    goOn();
    await until(() => isOver, 'the handler');

    expect(recordOf(ports, 'a')?.attempts).toMatchObject([{ code: 'DeadlineExceeded', usage: [used(1, 1)] }]);
    expect(ports.lines.some(({ message }) => message.includes('reported usage after its attempt was over'))).toBe(true);
  });

  it.each<readonly [unknown, string]>([
    [undefined, 'usage: is missing: give an object with model and tokens'],
    [{ ...used(1, 1), model: '' }, 'model: is a string of 0 characters: give a name of 1 to 128 printable characters'],
    [{ ...used(1, 1), model: 'x'.repeat(129) }, 'model: is a string of 129 characters'],
    [{ ...used(1, 1), model: 'a\nb' }, 'model: is a string of 3 characters'],
    [{ ...used(1, 1), model: {} }, 'model: is of type object'],
    [{ model: 'm', inputTokens: 1 }, 'outputTokens: is missing: give a whole number of tokens, 0 or more'],
    [used(Number.NaN, 1), 'inputTokens: is the number NaN'],
    [used(-1, 1), 'inputTokens: is the number -1'],
    [used(1, 1.5), 'outputTokens: is the number 1.5'],
    [used(1, Infinity), 'outputTokens: is the number Infinity'],
    [{ ...used(1, 1), inputTokens: '7' }, 'inputTokens: is a string of 1 characters'],
  ])('is refused: %j', async (usage, reason) => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle(_message, context) {
        Reflect.apply(context.usage, context, [usage]);
      },
    });

    await deliver(createMessage('a'));

    expect(recordOf(ports, 'a')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'InvalidUsage', reason: expect.stringContaining(`context.usage: ${reason}`) },
    });
  });

  it('is of ten models at most, and its sums stay exact', async () => {
    const ports = new MemoryPorts();
    const deliver = startProcess(ports, {
      async handle({ id }, context) {
        for (let nth = 0; nth < 11; nth++) context.usage(id === 'many' ? used(1, 1, `m-${nth}`) : used(Number.MAX_SAFE_INTEGER, 0));
      },
    });

    await deliver(createMessage('many'), createMessage('much'));

    expect(recordOf(ports, 'many')?.error?.reason).toContain('one attempt reports at most 10 models');
    expect(recordOf(ports, 'much')?.error?.reason).toContain("their sums for 'small-1' must be at most 9007199254740991");
  });
});
