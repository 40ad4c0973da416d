import { packageManifest } from '../../package-manifest.ts';
import { agentFiles } from './agent-files.ts';
import type { NewFile } from './write-files.ts';

/** The files of a new repository with one agent, which owns its mesh. It pins the versions that this version of Posthorn is tested with. */
export function projectFiles(name: string, agentId: string): readonly NewFile[] {
  return [
    { path: 'package.json', text: json(manifestOf(name)) },
    { path: 'cdk.json', text: json({ app: 'node infra/app.ts', output: 'cdk.out', context: CONTEXT }) },
    { path: 'tsconfig.json', text: json(TSCONFIG) },
    { path: '.gitignore', text: 'node_modules/\ncdk.out/\n.posthorn/\n' },
    { path: 'infra/app.ts', text: APP },
    ...agentFiles(agentId),
    { path: 'README.md', text: readmeOf(name, agentId) },
  ];
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

function manifestOf(name: string) {
  const { version, dependencies, devDependencies } = packageManifest();
  const versions = { ...dependencies, ...devDependencies };
  /** Each package with the version that this one is tested with. */
  const pinned = (...names: readonly string[]) => Object.fromEntries(names.map((dependency) => [dependency, versions[dependency]]));
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.20' },
    scripts: {
      start: 'posthorn dev',
      test: 'tsc -p . && node --test "functions/**/*.test.ts"',
      synth: 'cdk synth --quiet',
      deploy: 'cdk deploy --all',
    },
    dependencies: { posthorn: version, ...pinned('zod') },
    // The package `node` makes scripts run on that version, whatever is installed on the machine.
    devDependencies: pinned('@types/node', 'aws-cdk', 'aws-cdk-lib', 'constructs', 'node', 'typescript'),
    allowScripts: { 'classic-level': true, esbuild: true, node: true },
    pnpm: { onlyBuiltDependencies: ['classic-level', 'esbuild', 'node'] },
  };
}

const CONTEXT = {
  'cli-telemetry': false,
  // An agent's stack imports from the mesh's: CloudFormation then refuses to remove what is still imported.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
};

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['esnext'],
    types: ['node'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ['infra', 'functions'],
};

const APP = `import { join } from 'node:path';
import { addMesh, discoverAgents, runApp } from 'posthorn/cdk';

await runApp(async (app) => {
  const agents = await discoverAgents(join(import.meta.dirname, '../functions/agents'));
  addMesh(app, { agents });
});
`;

const readmeOf = (name: string, agentId: string): string => `# ${name}

A mesh of agents on SQS, Lambda, DynamoDB and S3, by [Posthorn](https://www.npmjs.com/package/posthorn).

\`\`\`sh
npm install
npm start                    # the mesh on this machine; it follows your edits
npm test                     # types and tests
npx posthorn add agent NAME  # another agent
npx cdk bootstrap            # once per account and region
npx cdk deploy --all         # stage dev; -c stage=prod for production settings
\`\`\`

While \`npm start\` is up, send to the agent from a second terminal:

\`\`\`sh
export AWS_ENDPOINT_URL=http://127.0.0.1:4566
echo '{"name":"Ada"}' | npx posthorn send - --agent ${agentId}
npx posthorn replies
\`\`\`

An agent is one file, \`functions/agents/<id>/agent.ts\`. Its queues, function, permissions and alarms follow from it.

## Who may send

On this machine you may send everything. On AWS an agent takes messages only from the agents of this app that name it in
\`sendsTo\`, and from the producers of the policy. A producer is known by its IAM role. To add one, e.g. a shop:

1. Tag its role with the mesh, and allow it \`sqs:SendMessage\` on the inbox \`posthorn-dev-${agentId}-inbox\`:
   \`aws iam tag-role --role-name shop --tags Key=posthorn:mesh,Value=posthorn-dev\`
2. Write the id that \`aws iam get-role --role-name shop --query Role.RoleId\` prints into \`infra/policy.ts\`:

   \`\`\`ts
${indented(policyOf(agentId))}
   \`\`\`

3. Pass it in \`infra/app.ts\`: \`import { policy } from './policy.ts'\`, and \`addMesh(app, { agents, policy })\`.
4. \`npx cdk deploy --all\`, then ask: \`npx posthorn policy explain producer:shop ${agentId}\`.

More in \`node_modules/posthorn/docs/security.md\`.
`;

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `   ${line}`))
    .join('\n');

const policyOf = (agentId: string): string => `import { definePolicy } from 'posthorn/cdk';
import agent from '../functions/agents/${agentId}/agent.ts';

export const policy = definePolicy({
  agents: [agent],
  producers: { shop: { principalIds: ['AROAEXAMPLEID'], sources: ['https://shop.example.com/*'] } },
  roles: { customer: { '${agentId}': ['handle'] } },
  bindings: [{ role: 'customer', producer: 'shop' }],
});
`;
