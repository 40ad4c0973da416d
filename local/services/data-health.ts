import type { EmbeddedCloudError } from '../errors.ts';
import { dataError } from './data-directory.ts';

/**
 * Whether writes reach the disk. The first failed write is final: from then on the memory is ahead of the disk, so nothing more may be
 * acknowledged.
 */
export class DataHealth {
  readonly directory: string;
  readonly #onFailure: (error: EmbeddedCloudError) => void;
  #failure: EmbeddedCloudError | undefined;

  /** @param onFailure called once */
  constructor(directory: string, onFailure: (error: EmbeddedCloudError) => void) {
    this.directory = directory;
    this.#onFailure = onFailure;
  }

  get failure(): EmbeddedCloudError | undefined {
    return this.#failure;
  }

  /** Reports an error of a service. An error that is not caused by the directory has no effect. */
  report(error: unknown): void {
    const failure = dataError(this.directory, error);
    if (failure === undefined || this.#failure !== undefined) return;
    this.#failure = failure;
    this.#onFailure(failure);
  }
}
