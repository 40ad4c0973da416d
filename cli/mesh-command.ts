/**
 * A command that can be copied.
 *
 * @param flags the options that find the mesh, see `meshFlags`
 */
export const meshCommand = (words: readonly string[], flags: string): string => ['npx posthorn', ...words, flags].filter(Boolean).join(' ');
