import { pathToFileURL } from 'node:url';

/** The excerpt of Node's own code that threw the error, up to the blank line before the error. */
const NODES_EXCERPT = /^node:internal\/\S+:\d+\n(?:.+\n)*\n/m;
const NODES_FRAME = /^ +(?:at .*\bnode:|\.\.\. \d+ lines matching cause).*\n?/gm;
const FRAME = /^ +at .*\n?/gm;
/** The error's further properties, and Node's version. */
const PROPERTIES = /(?: \{\n(?: .*\n)*\})?\n+Node\.js v\d.*$/;
const CAUSE = /^ +\[cause\]: (\w*Error: .*)$/m;
const BUNDLER_ERRORS = /^✘ \[ERROR\] (?:.*\n)*?(?=node:internal\/|file:\/\/|«)/m;

/**
 * The part of a CDK app's stderr that its author needs. Of an uncaught error it keeps the place in the app's code and the message, and
 * drops Node's additions. Paths within the project are relative.
 */
export function readableStderr(stderr: string, projectDirectory: string): string {
  // These lines contain the source. The CDK's error after them repeats the message.
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
  // A file that does not parse has not run, so the stack shows Node or the importing file.
  const shown = `${own}\n`.replace(/^SyntaxError\b/m.test(own) ? FRAME : NODES_FRAME, '');
  return cause === undefined ? shown : `${shown}Cause: ${cause}`;
}
