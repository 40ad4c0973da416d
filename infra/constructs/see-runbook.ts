/** The folder of the runbooks, as a team finds it in its own repository. */
const RUNBOOKS = 'node_modules/posthorn/docs/runbooks';

/**
 * The sentence of an alarm's description that names its runbook.
 *
 * @param page the name of the page, without `.md`
 * @example
 * ```ts
 * seeRunbook('dlq-depth'); // 'Runbook: node_modules/posthorn/docs/runbooks/dlq-depth.md'
 * ```
 */
export const seeRunbook = (page: string): string => `Runbook: ${RUNBOOKS}/${page}.md`;
