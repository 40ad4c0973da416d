import * as z from 'zod';
import type { Synthesized } from './fixture-mesh.ts';
import { propertiesOf } from './readable.ts';

const manyOf = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const policySchema = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Sid: z.string(),
        Effect: z.literal('Allow'),
        Action: manyOf,
        Resource: manyOf,
        Condition: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

/** By the id of its statement: all that the role of an agent may do. */
export function grantsIn({ agent, state }: Synthesized, id: string) {
  const policy = policySchema.parse(propertiesOf(agent(id), state, 'AWS::IAM::Policy', 'AgentFunctionRoleDefaultPolicy'));
  return Object.fromEntries(
    policy.PolicyDocument.Statement.map(({ Sid, Action, Resource, Condition }) => [
      Sid,
      { can: Action, on: Resource, ...(Condition && { if: Condition }) },
    ]),
  );
}
