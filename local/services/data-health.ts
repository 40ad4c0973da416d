import type { EmbeddedCloudError } from '../errors.ts';
import { dataError } from './data-directory.ts';

/**
 * Whether what is written is kept. The first write that fails is final: the memory is ahead of the disk then, so that nothing may be
 * acknowledged any more.
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

  /** Takes any error of a service: one that is not of the directory changes nothing. */
  report(error: unknown): void {
    const failure = dataError(this.directory, error);
    if (failure === undefined || this.#failure !== undefined) return;
    this.#failure = failure;
    this.#onFailure(failure);
  }
}
