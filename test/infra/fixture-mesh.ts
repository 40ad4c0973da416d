import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import cdk from '../../cdk.json' with { type: 'json' };
import { type AgentSource, addMesh, discoverAgents } from '../../infra/index.ts';

type Context = Readonly<Record<string, unknown>>;

/** An app with the feature flags of cdk.json, whose functions are not bundled: that is the business of bundle.test.ts. */
export const testApp = (outdir: string, context: Context = {}): App =>
  new App({ outdir, context: { ...cdk.context, 'aws:cdk:bundling-stacks': [], ...context } });

export const fixtureAgents = await discoverAgents(join(import.meta.dirname, 'fixtures/agents'));

const violation = z.object({
  ruleName: z.string(),
  violatingConstructs: z.array(z.object({ constructPath: z.string().optional() })),
});

const reportSchema = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(violation),
      suppressedViolations: z.array(violation.extend({ acknowledgedId: z.string(), reason: z.string() })).default([]),
    }),
  ),
});

export interface Synthesized {
  readonly stackNames: readonly string[];
  /** Of the stack that holds what the agents share. @throws Error in an app that joins a mesh */
  readonly state: Template;
  /** Of the agent's own stack. */
  agent(id: string): Template;
  /** Of the stack of this name. */
  stack(name: string): Template;
  /** The names of the stacks that CloudFormation refuses to delete. */
  readonly protectedStacks: readonly string[];
  /** What `cdk synth` warns of, by stack name. */
  readonly warnings: readonly (readonly [stackName: string, text: string])[];
  /** The messages of the CDK and the app's plugins; empty if there are none. */
  readonly reports: z.output<typeof reportSchema>['pluginReports'];
}

/** Synthesizes what `compose` adds to an app. Leaves nothing on the disk. */
export function synthesize(context: Context, compose: (app: App) => void): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'posthorn-synth-'));
  try {
    const app = testApp(outdir, { '@aws-cdk/core:failSynthOnValidationErrors': false, ...context });
    compose(app);
    const { stacks } = app.synth();
    const templates = new Map(stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]));
    const template = (suffix: string) => {
      const [, found] = [...templates].find(([stackName]) => stackName.endsWith(suffix)) ?? [];
      if (found === undefined) throw new Error(`no stack ends with ${suffix}`);
      return found;
    };
    const { pluginReports } = reportSchema.parse(JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')));
    return {
      stackNames: stacks.map(({ stackName }) => stackName),
      get state() {
        return template('-state');
      },
      agent: (id) => template(`-agent-${id}`),
      stack: template,
      protectedStacks: stacks.filter(({ terminationProtection }) => terminationProtection).map(({ stackName }) => stackName),
      warnings: stacks.flatMap(({ stackName, messages }) =>
        messages.filter(({ level }) => level === 'warning').map(({ entry }) => [stackName, String(entry.data)] as const),
      ),
      reports: pluginReports,
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const fixtures = new Map<string, Synthesized>();

/** The mesh of the fixture agents, or of some of them: synthesized once for all tests that ask for the same. */
export function synthesizeFixture(context: Context = {}, agents: readonly AgentSource[] = fixtureAgents): Synthesized {
  const key = JSON.stringify([context, agents.map(({ folder }) => folder)]);
  const known = fixtures.get(key);
  if (known !== undefined) return known;
  const synthesized = synthesize(context, (app) => void addMesh(app, { agents }));
  fixtures.set(key, synthesized);
  return synthesized;
}
