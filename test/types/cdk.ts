import type { App } from 'aws-cdk-lib';
import { type AgentSource, discoverAgents, meshApp } from 'posthorn/cdk';
import { expectTypeOf } from 'vitest';

expectTypeOf(discoverAgents).returns.toEqualTypeOf<Promise<readonly AgentSource[]>>();
expectTypeOf(meshApp({ agents: [] })).toEqualTypeOf<App>();
meshApp({ agents: await discoverAgents('/agents'), context: { stage: 'prod' }, outdir: 'cdk.out' });
// @ts-expect-error -- agents are found, not named
meshApp({ agents: ['greeting'] });
// @ts-expect-error -- no agents
meshApp({});
