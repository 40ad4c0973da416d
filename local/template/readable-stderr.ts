import { pathToFileURL } from 'node:url';

/** The place in Node itself that throws an error, with an excerpt of it, up to the blank line before the error. */
const NODES_EXCERPT = /^node:internal\/\S+:\d+\n(?:.+\n)*\n/m;
const NODES_FRAME = /^ +(?:at .*\bnode:|\.\.\. \d+ lines matching cause).*\n?/gm;
const FRAME = /^ +at .*\n?/gm;
/** What the error has beside its message and stack, and Node's version. */
const PROPERTIES = /(?: \{\n(?: .*\n)*\})?\n+Node\.js v\d.*$/;
const CAUSE = /^ +\[cause\]: (\w*Error: .*)$/m;
const BUNDLER_ERRORS = /^✘ \[ERROR\] (?:.*\n)*?(?=node:internal\/|file:\/\/|«)/m;

/**
 * What a CDK app wrote before it ended, as far as its author needs it: of an uncaught error the place in the app's own code and what
 * it says, not what Node adds of itself. Paths within the project are relative.
 */
export function readableStderr(stderr: string, projectDirectory: string): string {
  // With the source lines that matter; the CDK's error after them says it again.
  const [bundlerErrors] = BUNDLER_ERRORS.exec(stderr) ?? [];
  const text = bundlerErrors ?? withoutNode(stderr);
  return text
    .replaceAll(pathToFileURL(`${projectDirectory}/`).href, '')
    .replaceAll(`${projectDirectory}/`, '')
    .trim();
}

function withoutNode(stderr: string): string {
  const [properties = ''] = PROPERTIES.exec(stderr.trimEnd()) ?? [];
  if (properties === '') return stderr;
  const cause = CAUSE.exec(properties)?.[1];
  const own = stderr
    .trimEnd()
    .slice(0, -properties.length)
    .replace(NODES_EXCERPT, '')
    .replace(/(?<=^\w*Error) \[ERR_\w+\]/m, '');
  // A file that does not parse has not run: the stack is Node's, or of who imports it.
  const shown = `${own}\n`.replace(/^SyntaxError\b/m.test(own) ? FRAME : NODES_FRAME, '');
  return cause === undefined ? shown : `${shown}Cause: ${cause}`;
}
