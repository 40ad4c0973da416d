/**
 * Jain's index of shares: 1 where all are equal, and 1 divided by their number where one has everything. 1 where nobody has anything.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5166#section-2.3
 */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share ** 2, 0);
  return squares === 0 ? 1 : sum ** 2 / (shares.length * squares);
}
