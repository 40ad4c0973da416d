/** The dependency rule of docs/architecture.md: dependencies point inward. @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'runtime-knows-no-infrastructure',
      comment: 'What is deployed into a function must not pull in the CDK, the embedded cloud, the CLI or an agent.',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: ['^infra/', '^cli/', '^bench/', '^test/', 'aws-cdk-lib', 'node_modules/constructs/'] },
    },
    {
      name: 'runtime-knows-no-agent',
      severity: 'error',
      from: { path: '^functions/runtime/' },
      to: { path: '^functions/agents/' },
    },
    {
      name: 'ports-before-aws',
      comment: 'The pipeline speaks to ports; only runtime/aws knows an AWS SDK, so that simulation can replace it.',
      severity: 'error',
      from: { path: '^functions/runtime/', pathNot: '^functions/runtime/aws/' },
      to: { path: ['^functions/runtime/aws/', '@aws-sdk/'] },
    },
    {
      name: 'contract-is-innermost',
      severity: 'error',
      from: { path: '^events/' },
      to: { path: ['^functions/', '^infra/', '^cli/', '^test/'] },
    },
    { name: 'nothing-needs-tests', severity: 'error', from: { path: '^(infra|cli|bench)/' }, to: { path: '^test/' } },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(cdk\\.out|\\.posthorn)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
