/** Both results; when one fails, `stop` aborts, and this rejects once the other has ended, too. */
export async function bothOrNone<One, Other>(
  stop: AbortController,
  [one, other]: readonly [Promise<One>, Promise<Other>],
): Promise<[One, Other]> {
  try {
    return await Promise.all([one, other]);
  } catch (error) {
    stop.abort();
    await Promise.allSettled([one, other]);
    throw error;
  }
}
