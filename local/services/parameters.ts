import type { DeployedParameter } from '../template/deployed-parameter.ts';
import type { DataHealth } from './data-health.ts';
import { type Parameter, readParameters, writeParameters } from './parameter-file.ts';
import { type ParameterTier, type ParameterType, tierOf } from './parameter-limits.ts';

/** A change of a parameter, in the words of the event that SSM sends to EventBridge. */
export interface ParameterChange {
  readonly operation: 'Create' | 'Update' | 'Delete';
  readonly name: string;
  readonly type: ParameterType;
}

export interface ParametersOptions {
  /** Keeps what the API has written. @default none: the parameters end with the process */
  readonly file?: string;
  readonly health: DataHealth;
}

interface NewParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly tier: ParameterTier;
  readonly description?: string | undefined;
}

/** SSM's parameters: those of the deployments, and those that the API puts. */
export class Parameters {
  readonly #options: ParametersOptions;
  readonly #byName: Map<string, Parameter>;
  #onChange: (change: ParameterChange) => void = () => undefined;

  /** @throws DataDirectoryDamagedError */
  constructor(options: ParametersOptions) {
    this.#options = options;
    const kept = options.file === undefined ? [] : readParameters(options.file);
    this.#byName = new Map(kept.map((parameter) => [parameter.name, parameter]));
  }

  /** Calls the listener after each change. */
  listen(onChange: (change: ParameterChange) => void): void {
    this.#onChange = onChange;
  }

  get(name: string): Parameter | undefined {
    return this.#byName.get(name);
  }

  /** In the order of their names. */
  list(): readonly Parameter[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Puts a parameter for the API. */
  put(parameter: NewParameter): Parameter {
    const template = this.#byName.get(parameter.name)?.template;
    return this.#write({ ...parameter, isFromApi: true, ...(template !== undefined && { template }) });
  }

  /** @returns whether there was one */
  delete(name: string): boolean {
    const parameter = this.#byName.get(name);
    if (parameter === undefined) return false;
    if (parameter.isFromApi) {
      const rest = new Map(this.#byName);
      rest.delete(name);
      this.#save(rest);
    }
    this.#byName.delete(name);
    this.#onChange({ operation: 'Delete', name, type: parameter.type });
    return true;
  }

  /**
   * Brings a deployment's parameter in line. A value that the API has put over the template's stays until the template changes, as with
   * CloudFormation, also over a restart.
   */
  deploy(deployed: DeployedParameter): void {
    const { name, type, value, tier, description } = deployed;
    const template = JSON.stringify({ type, value, tier, description });
    const existing = this.#byName.get(name);
    if (existing?.template === template) return;
    this.#write({ name, type, value, tier: tierOf(value, tier), description, template, isFromApi: false });
  }

  #write(parameter: NewParameter & Pick<Parameter, 'isFromApi' | 'template'>): Parameter {
    const existing = this.#byName.get(parameter.name);
    const written = { ...parameter, version: (existing?.version ?? 0) + 1, modifiedEpochMs: Date.now() };
    if (parameter.isFromApi || existing?.isFromApi === true) this.#save(new Map(this.#byName).set(parameter.name, written));
    this.#byName.set(parameter.name, written);
    const { name, type } = parameter;
    this.#onChange({ operation: existing === undefined ? 'Create' : 'Update', name, type });
    return written;
  }

  /** Before the change takes effect: what could not be kept is refused. */
  #save(parameters: ReadonlyMap<string, Parameter>): void {
    const { file, health } = this.#options;
    if (file === undefined) return;
    try {
      writeParameters(
        file,
        [...parameters.values()].filter(({ isFromApi }) => isFromApi),
      );
    } catch (error) {
      health.report(error);
      throw health.failure ?? error;
    }
  }
}
