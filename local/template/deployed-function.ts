import { z } from 'zod';
import { UnsupportedTemplateError } from '../errors.ts';
import { LOG_LEVELS } from '../lambda/log-lines.ts';
import type { Assembly } from './assembly.ts';
import type { DeployedFunction } from './deployed.ts';
import type { PlannedResource } from './planned-resource.ts';
import { type Place, roleArn } from './resource-types.ts';

/** CloudFormation also accepts numbers as strings. */
const number = z.coerce.number();

const functionSchema = z.object({
  Role: z.string().optional(),
  Code: z.object({ S3Key: z.string().optional() }),
  Handler: z.string().default(''),
  Runtime: z.string().default(''),
  Timeout: number.default(3),
  MemorySize: number.default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).default({ Variables: {} }),
  LoggingConfig: z
    .object({
      LogFormat: z.enum(['JSON', 'Text']).default('Text'),
      ApplicationLogLevel: z.enum(LOG_LEVELS).default('INFO'),
      LogGroup: z.string().optional(),
    })
    .default({ LogFormat: 'Text', ApplicationLogLevel: 'INFO' }),
});

/**
 * What Lambda would run of a function's properties.
 *
 * @throws UnsupportedTemplateError if it cannot run here
 */
export function deployedFunction({ physicalName, arn, properties }: PlannedResource, assembly: Assembly, place: Place): DeployedFunction {
  const {
    Role = roleArn(physicalName, place),
    Code,
    Handler,
    Runtime,
    Timeout,
    MemorySize,
    Environment,
    LoggingConfig,
  } = functionSchema.parse(properties);
  const { LogFormat, ApplicationLogLevel, LogGroup = `/aws/lambda/${physicalName}` } = LoggingConfig;
  if (!Runtime.startsWith('nodejs'))
    throw new UnsupportedTemplateError(`${physicalName} runs on ${Runtime || 'an image'}; only nodejs runs here`);
  const { S3Key: codeKey } = Code;
  const codeDirectory = codeKey === undefined ? undefined : assembly.assets.get(codeKey);
  if (codeKey === undefined || codeDirectory === undefined)
    throw new UnsupportedTemplateError(`The code of ${physicalName} is not an asset of the app`);
  return {
    name: physicalName,
    arn,
    roleArn: Role,
    codeDirectory,
    codeKey,
    handler: Handler,
    timeoutSeconds: Timeout,
    memoryMegabytes: MemorySize,
    environment: Environment.Variables,
    logging: { format: LogFormat, level: ApplicationLogLevel, group: LogGroup },
  };
}
