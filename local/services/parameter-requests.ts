import { z } from 'zod';
import { type Place, parameterArn } from '../template/resource-types.ts';
import { type JsonAnswer, jsonError } from './json-request.ts';
import type { Parameter } from './parameter-file.ts';
import { PARAMETER_TIERS, PARAMETER_TYPES, refusedName, refusedValue, tierOf } from './parameter-limits.ts';
import type { Parameters } from './parameters.ts';

type Operation = (input: unknown, parameters: Parameters, place: Place) => JsonAnswer;

const MAX_NAMES = 10;

/** Filters would change the answer, so they cannot be ignored. */
const noFilters = z.array(z.unknown()).max(0, 'The embedded cloud has no parameter filters').optional();
const namesSchema = z.object({ Names: z.array(z.string()).min(1).max(MAX_NAMES) });
const putSchema = z.object({
  Name: z.string(),
  Value: z.string(),
  Type: z.enum(PARAMETER_TYPES, 'The embedded cloud has the types String and StringList').optional(),
  Tier: z.enum(PARAMETER_TIERS).optional(),
  Description: z.string().max(1024).optional(),
  Overwrite: z.boolean().default(false),
});
const pathSchema = z.object({
  Path: z.string().startsWith('/', 'The path must begin with /'),
  Recursive: z.boolean().default(false),
  MaxResults: z.int().min(1).max(10).default(10),
  NextToken: z.string().optional(),
  ParameterFilters: noFilters,
});
const describeSchema = z.object({
  MaxResults: z.int().min(1).max(50).default(50),
  NextToken: z.string().optional(),
  ParameterFilters: noFilters,
  Filters: noFilters,
});

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetParameter: operation(z.object({ Name: z.string() }), ({ Name }, parameters, place) => {
    const { parameter, isCurrent } = selected(Name, parameters);
    if (parameter === undefined) return jsonError('ParameterNotFound', `Parameter ${Name} not found.`);
    if (!isCurrent) return jsonError('ParameterVersionNotFound', `${Name} is not there: the embedded cloud keeps no earlier versions`);
    return ok({ Parameter: described(parameter, place) });
  }),
  GetParameters: operation(namesSchema, ({ Names }, parameters, place) => {
    const found = Names.map((name) => selected(name, parameters)).map(({ parameter, isCurrent }) => (isCurrent ? parameter : undefined));
    return ok({
      Parameters: found.filter((parameter) => parameter !== undefined).map((parameter) => described(parameter, place)),
      InvalidParameters: Names.filter((_, index) => found[index] === undefined),
    });
  }),
  GetParametersByPath: operation(pathSchema, ({ Path, Recursive, MaxResults, NextToken }, parameters, place) => {
    const prefix = Path.endsWith('/') ? Path : `${Path}/`;
    const isBelow = ({ name }: Parameter) => name.startsWith(prefix) && (Recursive || !name.slice(prefix.length).includes('/'));
    return page(parameters.list().filter(isBelow), MaxResults, NextToken, (parameter) => described(parameter, place));
  }),
  DescribeParameters: operation(describeSchema, ({ MaxResults, NextToken }, parameters, place) =>
    page(parameters.list(), MaxResults, NextToken, (parameter) => {
      const { Value, ...metadata } = described(parameter, place);
      return { ...metadata, Tier: parameter.tier, Description: parameter.description };
    }),
  ),
  PutParameter: operation(putSchema, putParameter),
  DeleteParameter: operation(z.object({ Name: z.string() }), ({ Name }, parameters) =>
    parameters.delete(Name) ? ok({}) : jsonError('ParameterNotFound', `Parameter ${Name} not found.`),
  ),
  DeleteParameters: operation(namesSchema, ({ Names }, parameters) => {
    const deleted = new Set(Names.filter((name) => parameters.delete(name)));
    return ok({ DeletedParameters: [...deleted], InvalidParameters: Names.filter((name) => !deleted.has(name)) });
  }),
};

/** SSM's JSON API of Parameter Store. It keeps no history of a parameter, and no labels. */
export function executeOnParameters(name: string, input: unknown, parameters: Parameters, place: Place): JsonAnswer {
  const execute = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  return execute?.(input, parameters, place) ?? jsonError('UnknownOperationException', `${name} is not supported here`);
}

function putParameter(input: z.output<typeof putSchema>, parameters: Parameters): JsonAnswer {
  const { Name: name, Value: value, Type, Tier, Description, Overwrite } = input;
  const existing = parameters.get(name);
  if (existing !== undefined && !Overwrite) {
    const remedy = 'To overwrite this value, set the overwrite option in the request to true.';
    return jsonError('ParameterAlreadyExists', `The parameter already exists. ${remedy}`);
  }
  const type = Type ?? existing?.type;
  if (type === undefined) return jsonError('ValidationException', 'A parameter type is required when you create a parameter.');
  if (existing !== undefined && existing.type !== type) {
    return jsonError('HierarchyTypeMismatchException', `${name} is a ${existing.type}: a parameter's type cannot change`);
  }
  if (existing?.tier === 'Advanced' && Tier === 'Standard') {
    return jsonError('ValidationException', `${name} is in the advanced tier: a parameter cannot return to the standard tier`);
  }
  const tier = tierOf(value, Tier, existing?.tier);
  const refusal = refusedName(name) ?? refusedValue(value, tier);
  if (refusal !== undefined) return jsonError(refusal.code, refusal.message);
  const { version } = parameters.put({ name, type, value, tier, description: Description ?? existing?.description });
  return ok({ Version: version, Tier: tier });
}

function operation<Input>(
  schema: z.ZodType<Input>,
  execute: (input: Input, parameters: Parameters, place: Place) => JsonAnswer,
): Operation {
  return (input, parameters, place) => {
    const parsed = schema.safeParse(input);
    return parsed.success ? execute(parsed.data, parameters, place) : jsonError('ValidationException', z.prettifyError(parsed.error));
  };
}

/** Finds a parameter by its name or ARN, with an optional version: `name:3`. */
function selected(selector: string, parameters: Parameters): { readonly parameter: Parameter | undefined; readonly isCurrent: boolean } {
  const [, inArn] = /^arn:aws:ssm:[^:]*:\d*:parameter(\/.*)$/.exec(selector) ?? [];
  const [name = '', version] = (inArn ?? selector).split(':');
  // The ARN of `a` is also that of `/a`.
  const parameter = parameters.get(name) ?? (inArn === undefined ? undefined : parameters.get(name.slice(1)));
  return { parameter, isCurrent: version === undefined || version === String(parameter?.version) };
}

function described({ name, type, value, version, modifiedEpochMs }: Parameter, place: Place) {
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: modifiedEpochMs / 1000,
    ARN: parameterArn(name, place),
    DataType: 'text',
  };
}

/** A page of parameters. The token is the last name of the page before. */
function page(
  parameters: readonly Parameter[],
  size: number,
  token: string | undefined,
  describe: (parameter: Parameter) => object,
): JsonAnswer {
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  if (token !== undefined && (after === '' || tokenOf(after) !== token)) return jsonError('InvalidNextToken', 'The NextToken is not valid');
  const rest = parameters.filter(({ name }) => name > after);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  const more = rest.length > shown.length && last !== undefined ? { NextToken: tokenOf(last.name) } : {};
  return ok({ Parameters: shown.map(describe), ...more });
}

function tokenOf(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function ok(body: object): JsonAnswer {
  return { status: 200, body };
}
