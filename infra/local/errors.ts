/** What the embedded cloud refuses. Each has a stable `code`, so that a command can turn it into its own words. */
export abstract class EmbeddedCloudError extends Error {
  abstract readonly code: string;
}

/** The port is taken. The message names `--port`, because that is what the reader can change. */
export class PortInUseError extends EmbeddedCloudError {
  override readonly name = 'PortInUseError';
  readonly code = 'PortInUse';
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`Port ${port} on 127.0.0.1 is in use: choose another with --port N (0 takes any free one)`, { cause });
    this.port = port;
  }
}

/** Another embedded cloud has this data directory open. */
export class DataDirectoryInUseError extends EmbeddedCloudError {
  override readonly name = 'DataDirectoryInUseError';
  readonly code = 'DataDirectoryInUse';

  constructor(directory: string, cause: unknown) {
    super(`${directory} is in use by another embedded cloud: stop that one, or choose another directory with --data DIR`, { cause });
  }
}

/** The data directory holds a table whose keys or indexes are not those of the template; DynamoDB would replace it. */
export class TableChangedError extends EmbeddedCloudError {
  override readonly name = 'TableChangedError';
  readonly code = 'TableChanged';

  constructor(table: string) {
    super(`The keys or indexes of table ${table} differ from those in the data directory: choose another directory with --data DIR`);
  }
}

/** The template asks for something that cannot be run here and cannot be left out without changing what it means. */
export class UnsupportedTemplateError extends EmbeddedCloudError {
  override readonly name = 'UnsupportedTemplateError';
  readonly code = 'UnsupportedTemplate';
}

/** The CDK app ended without an assembly; the message has what it wrote to stderr. */
export class SynthesisError extends EmbeddedCloudError {
  override readonly name = 'SynthesisError';
  readonly code = 'SynthesisFailed';
}
