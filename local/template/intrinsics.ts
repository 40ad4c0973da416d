import { UnsupportedTemplateError } from '../errors.ts';

/** Look-ups of a template's intrinsic functions. Each throws if it finds nothing. */
export interface Scope {
  /** The value of `Ref` for a resource, a parameter or a pseudo parameter. */
  ref(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  /** A value that another stack exports. */
  imported(name: string): unknown;
  /** Replaces URLs of AWS in a composed text by those of this machine. @default the text */
  localUrl?(text: string): string;
  /** The unresolved body of a condition. */
  condition(name: string): unknown;
}

type Resolve = (argument: unknown, scope: Scope) => unknown;

const functions: Readonly<Record<string, Resolve>> = {
  Ref: (argument, scope) => scope.ref(text(argument, 'Ref')),
  'Fn::GetAtt': (argument, scope) => {
    const [id = '', ...path] = typeof argument === 'string' ? argument.split('.') : list(argument, 'Fn::GetAtt').map(String);
    return scope.attribute(id, path.join('.'));
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = list(argument, 'Fn::Join');
    const joined = list(resolveIntrinsics(parts, scope), 'Fn::Join').map(String).join(text(separator, 'Fn::Join'));
    return scope.localUrl?.(joined) ?? joined;
  },
  'Fn::Sub': (argument, scope) => {
    const [pattern, variables = {}] = typeof argument === 'string' ? [argument] : list(argument, 'Fn::Sub');
    const substituted = substitute(text(pattern, 'Fn::Sub'), object(variables), scope);
    return scope.localUrl?.(substituted) ?? substituted;
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = list(argument, 'Fn::Select');
    const selected = list(resolveIntrinsics(items, scope), 'Fn::Select')[Number(resolveIntrinsics(index, scope))];
    if (selected === undefined) throw new UnsupportedTemplateError(`Fn::Select has no item ${String(index)}`);
    return selected;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, source] = list(argument, 'Fn::Split');
    return text(resolveIntrinsics(source, scope), 'Fn::Split').split(text(separator, 'Fn::Split'));
  },
  'Fn::ImportValue': (argument, scope) => scope.imported(text(resolveIntrinsics(argument, scope), 'Fn::ImportValue')),
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = list(argument, 'Fn::If');
    return resolveIntrinsics(holds({ Condition: name }, scope) ? whenTrue : whenFalse, scope);
  },
};

/**
 * Replaces the CloudFormation intrinsic functions in a value: Ref, GetAtt, Join, Sub, Select, Split, ImportValue and If.
 * Values that resolve to `AWS::NoValue` are left out, as in CloudFormation.
 *
 * @throws UnsupportedTemplateError for any other function, by its name
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolveIntrinsics(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveIntrinsics(item, scope)).filter((item) => item !== undefined);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
    const [name, argument] = first;
    const resolve = functions[name];
    if (resolve === undefined) throw new UnsupportedTemplateError(`The intrinsic function ${name} is not supported`);
    return resolve(argument, scope);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolveIntrinsics(item, scope)]).filter(([, item]) => item !== undefined));
}

/** Whether a condition of the template holds: Condition, Equals, And, Or and Not. */
export function holds(condition: unknown, scope: Scope): boolean {
  const [name, argument] = Object.entries(object(condition))[0] ?? [];
  switch (name) {
    case 'Condition':
      return holds(scope.condition(text(argument, 'Condition')), scope);
    case 'Fn::Equals': {
      const [left, right] = list(argument, name).map((side) => resolveIntrinsics(side, scope));
      // CloudFormation compares strings only.
      return String(left) === String(right);
    }
    case 'Fn::And':
      return list(argument, name).every((part) => holds(part, scope));
    case 'Fn::Or':
      return list(argument, name).some((part) => holds(part, scope));
    case 'Fn::Not':
      return !holds(list(argument, name)[0], scope);
    default:
      throw new UnsupportedTemplateError(`The condition function ${name ?? '(none)'} is not supported`);
  }
}

function substitute(pattern: string, variables: Record<string, unknown>, scope: Scope): string {
  return pattern.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(resolveIntrinsics(variables[name], scope));
    const dot = name.indexOf('.');
    return String(dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1)));
  });
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnsupportedTemplateError(`${where} needs a list, not ${JSON.stringify(value)}`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new UnsupportedTemplateError(`${where} needs a string, not ${JSON.stringify(value)}`);
  return value;
}

function object(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object') throw new UnsupportedTemplateError(`${JSON.stringify(value)} is not an object`);
  return { ...value };
}
