import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataDirectoryDamagedError, DataDirectoryInUseError, DataDirectoryUnusableError, EmbeddedCloudError } from '../errors.ts';
import { readMappingSwitches } from './mapping-switch-file.ts';
import { readParameters } from './parameter-file.ts';
import { readSigningKeys } from './signing-key-file.ts';
import { openTables } from './tables.ts';

/** The parts of a data directory. */
export interface DataLayout {
  readonly queues: string;
  readonly tables: string;
  /** The file of the parameters that the API has put. */
  readonly parameters: string;
  /** The file of the keys of STS's tokens. */
  readonly signingKeys: string;
  /** The file of the event source mappings that the API has switched. */
  readonly mappings: string;
}

const QUEUES_FILE = 'fauxqs.db';
/** Without this file LevelDB would create an empty database. */
const TABLES_FILE = 'CURRENT';

/**
 * Checks at once whether a start on a data directory can succeed. It creates a missing directory, and keeps no lock.
 *
 * @throws DataDirectoryUnusableError if it cannot be used: not a directory, no permission, no space
 * @throws DataDirectoryInUseError if another embedded cloud has it open
 * @throws DataDirectoryDamagedError if a part is missing or cannot be read
 * @example await checkDataDirectory('.posthorn/data')
 */
export async function checkDataDirectory(directory: string): Promise<void> {
  const { queues, tables, parameters, signingKeys, mappings } = await prepareDataDirectory(directory);
  if (!existsSync(join(queues, QUEUES_FILE))) return;
  await withDataErrors(directory, async () => {
    readParameters(parameters);
    readSigningKeys(signingKeys);
    readMappingSwitches(mappings);
    const opened = await openTables({ region: '-', accountId: '-', path: tables });
    await opened.close();
    const database = new DatabaseSync(join(queues, QUEUES_FILE), { readOnly: true });
    try {
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
    } finally {
      database.close();
    }
  });
}

/** Creates a missing data directory, and refuses one with a missing part. */
export async function prepareDataDirectory(directory: string): Promise<DataLayout> {
  const layout = {
    queues: join(directory, 'fauxqs'),
    tables: join(directory, 'dynalite'),
    parameters: join(directory, 'parameters.json'),
    signingKeys: join(directory, 'signing-keys.json'),
    mappings: join(directory, 'mappings.json'),
  };
  const { queues, tables } = layout;
  await withDataErrors(directory, async () => {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  });
  const [hasQueues, hasTables] = [join(queues, QUEUES_FILE), join(tables, TABLES_FILE)].map((file) => existsSync(file));
  if (hasQueues && !hasTables) throw new DataDirectoryDamagedError(directory, `its tables (${tables}) are missing`);
  if (hasTables && !hasQueues) throw new DataDirectoryDamagedError(directory, `its queues and objects (${queues}) are missing`);
  return layout;
}

/** @throws EmbeddedCloudError with the directory and the remedy, for errors of the file system, of SQLite and of LevelDB */
export async function withDataErrors<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw dataError(directory, error) ?? error;
  }
}

const SQLITE: Readonly<Record<number, 'damaged' | 'in-use' | 'unusable'>> = {
  5: 'in-use', // BUSY
  8: 'unusable', // READONLY
  10: 'unusable', // IOERR
  11: 'damaged', // CORRUPT
  13: 'unusable', // FULL
  14: 'unusable', // CANTOPEN
  26: 'damaged', // NOTADB
};
const FILE_SYSTEM: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST', 'EIO', 'EFBIG']);

/** @returns `undefined` for an error that is not caused by the directory */
export function dataError(directory: string, error: unknown): EmbeddedCloudError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof EmbeddedCloudError) return cause;
    switch (kindOf(cause)) {
      case 'damaged':
        return new DataDirectoryDamagedError(directory, cause.message, error);
      case 'in-use':
        return new DataDirectoryInUseError(directory, error);
      case 'unusable':
        return new DataDirectoryUnusableError(directory, cause.message, error);
    }
  }
  return undefined;
}

/** @see https://www.sqlite.org/rescode.html: the low byte is the primary code */
function kindOf(error: Error & { readonly code?: unknown; readonly errcode?: unknown }): 'damaged' | 'in-use' | 'unusable' | undefined {
  const { code, errcode, message } = error;
  if (code === 'ERR_SQLITE_ERROR') return typeof errcode === 'number' ? SQLITE[errcode & 0xff] : undefined;
  if (code === 'LEVEL_LOCKED') return 'in-use';
  if (code === 'LEVEL_CORRUPTION') return 'damaged';
  // LevelDB's own list of files names the missing file.
  if (code === 'LEVEL_IO_ERROR') return message.includes('No such file') ? 'damaged' : 'unusable';
  return typeof code === 'string' && FILE_SYSTEM.has(code) ? 'unusable' : undefined;
}
