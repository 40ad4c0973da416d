import {
  type AccessRecord,
  ANY,
  type Principal,
  REDRIVE_ACTION,
  REPLY_ACTION,
  REPLY_RULE,
  REPLY_SUFFIX,
  receivesReplies,
} from '../../events/access-record.ts';

const HEAD = `# Security matrix

Who may send what to the agents of the sample mesh, and by which rule. A script writes this page from the policy
([infra/policy.ts](../infra/policy.ts)) and the agents' definitions, and a test compares the page with them:
\`node --conditions=posthorn-source tools/security/write-matrix.ts\`. [security.md](security.md) explains the terms.
\`posthorn policy matrix\` prints the same for a deployed mesh.

A sender that has no row in a table may do nothing at that agent. \`sendsTo\` is the rule for an agent whose definition
names the other agent, \`calls\` for one whose definition names a capability that the other agent offers. The action
\`redrive\` sends a failed message again. An agent with \`receivesReplies\` has a row for all agents, \`agent:*\`.
`;

/** The page docs/security-matrix.md. */
export const renderMatrix = (records: readonly AccessRecord[]): string =>
  [HEAD, ...[...records].sort((one, other) => (one.agent < other.agent ? -1 : 1)).map(sectionOf)].join('\n');

function sectionOf(access: AccessRecord): string {
  const { agent, actions, principals } = access;
  const senders = Object.values(principals)
    .map((principal) => [principal, rowsOf(principal, actions)] as const)
    .filter(([, rows]) => rows.length > 0)
    .sort(([one], [other]) => (one.name < other.name ? -1 : 1));
  const replies = receivesReplies(access) ? [['agent:*', REPLY_ACTION, `*${REPLY_SUFFIX}`, REPLY_RULE, '/agents/<id>']] : [];
  const granted = senders.flatMap(([{ name, sources }, cellsOf]) => cellsOf.map((cells) => [name, ...cells, sources.join(', ')]));
  return `## ${agent}\n\n${tableOf([['sender', 'action', 'message types', 'rule', 'source'], ...replies, ...granted])}\n`;
}

/** For each action that a rule allows: its name, its message types, the rule. */
const rowsOf = ({ grants }: Principal, actions: AccessRecord['actions']): readonly (readonly string[])[] =>
  Object.entries(grants).map(([action, rule]) => {
    const types = Object.keys(actions).filter((type) => action === ANY || actions[type] === action);
    return [action === ANY ? 'all' : action, action === ANY || action === REDRIVE_ACTION ? 'all' : types.join(', '), rule];
  });

function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lineOf = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [lineOf(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(lineOf)].join('\n');
}
