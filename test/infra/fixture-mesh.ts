import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { discoverAgents } from '../../infra/discover-agents.ts';
import { meshApp } from '../../infra/mesh.ts';

const fixtureAgents = join(import.meta.dirname, 'fixtures/agents');

/** The app of the fixture agents. Its functions are not bundled: that is the business of bundle.test.ts. */
export async function fixtureApp(outdir: string, context: Readonly<Record<string, unknown>> = {}): Promise<App> {
  return meshApp({ agents: await discoverAgents(fixtureAgents), outdir, context: { 'aws:cdk:bundling-stacks': [], ...context } });
}

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
  readonly state: Template;
  /** Of the agent's own stack. */
  agent(id: string): Template;
  /** The names of the stacks that CloudFormation refuses to delete. */
  readonly protectedStacks: readonly string[];
  /** What CDK and the plugins of the app say; empty when no plugin had anything to say. */
  readonly reports: z.output<typeof reportSchema>['pluginReports'];
}

/** Synthesizes the fixture mesh; `prepare` may change the app before. Leaves nothing on the disk. */
export async function synthesizeFixture(
  context: Readonly<Record<string, unknown>> = {},
  prepare: (app: App) => void = () => {},
): Promise<Synthesized> {
  const outdir = mkdtempSync(join(tmpdir(), 'posthorn-synth-'));
  try {
    const app = await fixtureApp(outdir, { '@aws-cdk/core:failSynthOnValidationErrors': false, ...context });
    prepare(app);
    const assembly = app.synth();
    const templates = new Map(assembly.stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]));
    const template = (suffix: string) => {
      const [, found] = [...templates].find(([stackName]) => stackName.endsWith(suffix)) ?? [];
      if (found === undefined) throw new Error(`no stack ends with ${suffix}`);
      return found;
    };
    const { pluginReports } = reportSchema.parse(JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')));
    const protectedStacks = assembly.stacks.filter(({ terminationProtection }) => terminationProtection).map(({ stackName }) => stackName);
    return { state: template('-state'), agent: (id) => template(`-agent-${id}`), protectedStacks, reports: pluginReports };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
