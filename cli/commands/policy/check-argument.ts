import { CliError } from '../../cli-error.ts';
import { printableLine } from '../../printable.ts';

/** More than any name in a registry, and more than any message type. */
const MAX_CHARACTERS = 1_024;

/** @throws CliError for a text that names nothing in any registry, and that a terminal could not show */
export function checkArgument(name: string, value: string): void {
  const problem = problemOf(value);
  if (problem !== undefined) throw new CliError(`<${name}> ${problem}`, { remedy: "'posthorn policy matrix' lists what is registered." });
}

function problemOf(value: string): string | undefined {
  if (value.trim() === '') return 'is empty';
  if (value.length > MAX_CHARACTERS) return `has ${value.length.toLocaleString('en')} characters, more than any name in a registry`;
  return printableLine(value) === value ? undefined : 'has control characters or line breaks';
}
