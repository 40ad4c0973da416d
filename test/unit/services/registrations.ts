import type { AgentRegistration, ProducerRegistration } from '../../../events/registration.ts';

/** The registration of an agent whose role is called after it. */
export const agentOf = (id: string, rest: Partial<AgentRegistration> = {}): AgentRegistration => ({
  id,
  version: '1.0.0',
  capabilities: [id],
  roleId: `AROA-${id}`,
  roleArn: `arn:aws:iam::111122223333:role/${id}`,
  queue: `posthorn-dev-${id}-inbox`,
  calls: [],
  callsCapabilities: [],
  receivesReplies: false,
  concurrency: 10,
  latencyGoalSeconds: 30,
  authentication: 'iam',
  actions: {},
  ...rest,
});

/** The registration of a producer whose role is called after it. */
export const producerOf = (id: string, rest: Partial<ProducerRegistration> = {}): ProducerRegistration => ({
  id,
  principalIds: [`AROA-${id}`],
  sources: [`https://${id}.example.com/*`],
  onBehalfOf: false,
  ...rest,
});
