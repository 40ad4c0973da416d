import type { SQSHandler } from 'aws-lambda';
import { defineAgent } from 'posthorn';
import { lambdaHandler } from 'posthorn/lambda';
import { expectTypeOf } from 'vitest';
import * as z from 'zod/mini';

const agent = defineAgent({
  id: 'greeting',
  version: '1.0.0',
  description: 'Greets people by name.',
  capabilities: [{ id: 'greeting', name: 'Greeting', description: 'Says hello.', tags: [] }],
  input: z.object({ name: z.string() }),
  sendsTo: ['letters'],
  async handle() {},
});

// Any agent, whatever its input and its targets, has a handler that Lambda's types take.
expectTypeOf(lambdaHandler(agent)).toExtend<SQSHandler>();
// @ts-expect-error -- options are not a definition
lambdaHandler({ id: 'greeting' });
