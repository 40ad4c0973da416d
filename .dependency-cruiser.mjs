// The dependency rule of docs/architecture.md: which folder may know which. `npm run check` keeps it, type-only imports included.

/** A folder may import itself, packages, and the folders named; nothing else of this repository. */
const mayKnow = (folder, known, comment) => ({
  name: `${folder.replaceAll('/', '-')}-knows-only-what-it-may`,
  comment,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: '^[^/]+/',
    dependencyTypesNot: ['core'],
    pathNot: [folder, ...known].map((path) => `^${path}(/|$)`).concat('(^|/)node_modules/', '^package\\.json$'),
  },
});

/** What `posthorn` and `posthorn/lambda` mean in this repository. */
const PUBLIC = ['functions/runtime/index\\.ts', 'functions/runtime/lambda\\.ts'];

const CDK = '^(aws-cdk-lib|constructs)(/|$)|node_modules/(aws-cdk-lib|constructs)/';
const AWS = '@aws-sdk/|@smithy/|@aws-lambda-powertools/';
const OPEN_TELEMETRY = '@opentelemetry/';

export default {
  forbidden: [
    mayKnow('events', [], 'The contract is innermost: it depends on nothing.'),
    mayKnow('client', ['events'], 'The mesh as seen from outside knows the contract and AWS APIs, not the runtime.'),
    mayKnow('functions/runtime', ['events'], 'The runtime knows the contract and its ports.'),
    mayKnow('functions/services', ['events', 'client', 'functions/runtime'], 'A service shares the code of agents, and not the CDK.'),
    mayKnow('functions/agents', PUBLIC, 'An agent knows what a team knows: the public names.'),
    {
      name: 'agents-import-the-package-by-name',
      comment: 'The samples show what a team writes.',
      severity: 'error',
      from: { path: '^functions/agents/' },
      to: { path: '^functions/runtime/', dependencyTypes: ['local'] },
    },
    mayKnow('infra', ['events', 'functions'], 'Constructs know definitions, never the embedded cloud or the CLI.'),
    mayKnow('local', [], 'The embedded cloud knows templates, not Posthorn.'),
    mayKnow('testing', ['events', 'client', 'functions/runtime', 'local'], 'What a team tests with.'),
    mayKnow('cli', ['events', 'client', 'functions', 'local'], 'The command asks and prints.'),
    {
      name: 'only-adapters-know-aws',
      comment: 'The pipeline speaks to ports: only functions/runtime/aws knows an AWS SDK.',
      severity: 'error',
      from: { path: '^functions/runtime/', pathNot: '^functions/runtime/aws/' },
      to: { path: AWS },
    },
    {
      name: 'only-the-exporter-knows-opentelemetry',
      comment: 'The pipeline speaks to the port Tracing: only functions/runtime/otlp knows OpenTelemetry.',
      severity: 'error',
      from: { path: '^(events|client|functions|infra|cli|testing)/', pathNot: '^functions/runtime/otlp/' },
      to: { path: OPEN_TELEMETRY },
    },
    {
      name: 'pipeline-does-not-know-adapters',
      severity: 'error',
      from: { path: '^functions/runtime/', pathNot: '^functions/runtime/(aws/|otlp/|lambda\\.ts$)' },
      to: { path: '^functions/runtime/(aws|otlp)/' },
    },
    {
      name: 'the-exporter-is-loaded-when-it-is-needed',
      comment: 'A process without an OTLP endpoint never loads OpenTelemetry.',
      severity: 'error',
      from: { path: '^functions/runtime/', pathNot: '^functions/runtime/otlp/' },
      to: { path: '^functions/runtime/otlp/', pathNot: '^functions/runtime/otlp/(otlp-tracing|post-spans)\\.ts$' },
    },
    {
      name: 'only-infra-knows-the-cdk',
      comment: 'A function, a producer and the command are installed without the CDK.',
      severity: 'error',
      from: { path: '^(events|client|functions|local|cli|testing)/' },
      to: { path: CDK },
    },
    {
      name: 'nothing-needs-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: { pathNot: '^test/' }, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(cdk\\.out|dist|\\.posthorn|\\.ci)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['posthorn-source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
