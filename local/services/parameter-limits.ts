/** A parameter's type. There is no SecureString, because there is no KMS. */
export const PARAMETER_TYPES = ['String', 'StringList'] as const;
export const PARAMETER_TIERS = ['Standard', 'Advanced', 'Intelligent-Tiering'] as const;

export type ParameterType = (typeof PARAMETER_TYPES)[number];
/** A tier that a request or template asks for. */
export type RequestedTier = (typeof PARAMETER_TIERS)[number];
/** A parameter's own tier. */
export type ParameterTier = Exclude<RequestedTier, 'Intelligent-Tiering'>;

const MAX_BYTES: Readonly<Record<ParameterTier, number>> = { Standard: 4096, Advanced: 8192 };
const MAX_NAME_LENGTH = 1011;
const MAX_LEVELS = 15;

/** The reason for which SSM refuses a parameter. */
export interface ParameterRefusal {
  /** e.g. `ValidationException` */
  readonly code: string;
  readonly message: string;
}

/** Intelligent-Tiering takes the tier that a value needs. A parameter keeps its tier if a request names none. */
export function tierOf(value: string, requested: RequestedTier | undefined, current: ParameterTier = 'Standard'): ParameterTier {
  if (requested !== 'Intelligent-Tiering') return requested ?? current;
  return current === 'Advanced' || Buffer.byteLength(value) > MAX_BYTES.Standard ? 'Advanced' : 'Standard';
}

/**
 * @returns `undefined` if SSM takes the name
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html#sysman-parameter-name-constraints
 */
export function refusedName(name: string): ParameterRefusal | undefined {
  const invalid = (message: string) => ({ code: 'ValidationException', message: `Parameter name ${JSON.stringify(name)}: ${message}` });
  if (name === '' || name.length > MAX_NAME_LENGTH) return invalid(`must have 1 to ${MAX_NAME_LENGTH} characters`);
  if (!/^[\w.\-/]+$/.test(name)) return invalid('can only include a-z, A-Z, 0-9 and the symbols _.-/');
  if (name.includes('/') && !name.startsWith('/')) return invalid('must be a fully qualified name, which begins with /');
  if (name.endsWith('/') || name.includes('//')) return invalid('has an empty level');
  if (/^\/?(?:aws|ssm)/i.test(name)) return invalid('cannot be prefixed with "aws" or "ssm" (case-insensitive)');
  if (name.split('/').length - 1 > MAX_LEVELS) {
    return { code: 'HierarchyLevelLimitExceededException', message: `A hierarchy can have a maximum of ${MAX_LEVELS} levels` };
  }
  return undefined;
}

/**
 * @returns `undefined` if the tier takes the value
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html#systemsmanager-PutParameter-request-Value
 */
export function refusedValue(value: string, tier: ParameterTier): ParameterRefusal | undefined {
  if (value === '') return { code: 'ValidationException', message: 'A parameter value must have at least 1 character' };
  if (/\{\{.*\}\}/s.test(value)) {
    return { code: 'ValidationException', message: `Parameter value can't nest another parameter. Do not use "{{}}" in the value` };
  }
  const bytes = Buffer.byteLength(value);
  if (bytes <= MAX_BYTES[tier]) return undefined;
  const remedy =
    tier === 'Standard' ? '. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier' : '';
  return {
    code: 'ValidationException',
    message: `${tier} tier parameters support a maximum parameter value of ${MAX_BYTES[tier]} characters; this one has ${bytes}${remedy}`,
  };
}
