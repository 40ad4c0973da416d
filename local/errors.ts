/** An error of the embedded cloud. Its message is written for the user who started it. */
export abstract class EmbeddedCloudError extends Error {}

/** The port is taken. The message names `--port`, which the user can change. */
export class PortInUseError extends EmbeddedCloudError {
  override readonly name = 'PortInUseError';

  constructor(port: number, cause: unknown) {
    super(`Port ${port} on 127.0.0.1 is in use: choose another with --port N (0 takes any free one)`, { cause });
  }
}

/** Another embedded cloud has this data directory open. */
export class DataDirectoryInUseError extends EmbeddedCloudError {
  override readonly name = 'DataDirectoryInUseError';

  constructor(directory: string, cause: unknown) {
    super(`${directory} is in use by another embedded cloud: stop that one, or choose another directory with --data DIR`, { cause });
  }
}

/** This data directory cannot be used: it is not a directory, is not writable, or the disk is full. */
export class DataDirectoryUnusableError extends EmbeddedCloudError {
  override readonly name = 'DataDirectoryUnusableError';

  constructor(directory: string, reason: string, cause: unknown) {
    super(
      `${directory} cannot be written to (${reason}): free space or give permission, or choose another directory with --data DIR. Acknowledged writes are kept`,
      { cause },
    );
  }
}

/** A part of this data directory is missing or cannot be read. */
export class DataDirectoryDamagedError extends EmbeddedCloudError {
  override readonly name = 'DataDirectoryDamagedError';

  constructor(directory: string, reason: string, cause?: unknown) {
    super(
      `${directory} is damaged (${reason}): restore it from a copy, remove it to begin anew, or choose another directory with --data DIR`,
      { cause },
    );
  }
}

/** A table exists with other keys or indexes than in the template. DynamoDB would replace it. */
export class TableChangedError extends EmbeddedCloudError {
  override readonly name = 'TableChangedError';

  constructor(table: string) {
    super(
      `The keys or indexes of table ${table} differ from the existing table's, which DynamoDB would replace: give the table another name, or start with another data directory (--data DIR)`,
    );
  }
}

/** The template needs something that AWS would refuse, or that the embedded cloud neither supports nor can ignore. */
export class UnsupportedTemplateError extends EmbeddedCloudError {
  override readonly name = 'UnsupportedTemplateError';
}

/** Another owner has deployed a stack or resource with the same name. */
export class StackConflictError extends EmbeddedCloudError {
  override readonly name = 'StackConflictError';
}

/** The CDK app ended without an assembly. The message contains the app's stderr. */
export class SynthesisError extends EmbeddedCloudError {
  override readonly name = 'SynthesisError';
}

/** The folder has no CDK app. */
export class NoCdkAppError extends EmbeddedCloudError {
  override readonly name = 'NoCdkAppError';

  /** @param exists whether the file is there, without an `app` */
  constructor(file: string, exists: boolean) {
    super(exists ? `${file} names no 'app', the command that runs the CDK app` : `${file} does not exist: this folder has no CDK app`);
  }
}
