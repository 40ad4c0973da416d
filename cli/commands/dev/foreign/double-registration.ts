import { DEFAULT_LATENCY_GOAL_SECONDS } from '../../../../events/latency-goal.ts';
import { inboxName } from '../../../../events/names.ts';
import { type AgentRegistration, registrationName } from '../../../../events/registration.ts';
import type { TemplateResource } from '../../../../functions/runtime/aws/inline-resources.ts';
import { ACCOUNT_ID } from '../../../../local/services/queues-and-buckets.ts';
import type { ForeignAgent } from './mesh-needs.ts';

/** The app of all doubles. */
const APP = 'doubles';

/** The resource that registers a double as an agent which offers a capability, so that others find it. */
export function doubleRegistration({ mesh, id, functionName }: ForeignAgent, capability: string, version: string): TemplateResource {
  const registration: AgentRegistration = {
    ...{ id, version, capabilities: [capability], queue: inboxName(mesh, id) },
    // Nobody has this role: doubles send as the operator.
    ...{ roleId: `AROADOUBLE-${id}`, roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${functionName}` },
    ...{ calls: [], callsCapabilities: [], receivesReplies: false, authentication: 'none', actions: {} },
    ...{ concurrency: 1, latencyGoalSeconds: DEFAULT_LATENCY_GOAL_SECONDS },
  };
  const Name = registrationName(mesh, APP, 'agents', id);
  return { Type: 'AWS::SSM::Parameter', Properties: { Name, Type: 'String', Value: JSON.stringify(registration) } };
}
