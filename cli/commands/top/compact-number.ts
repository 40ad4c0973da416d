/** Below this, four digits are no more than a compact number has. */
const COMPACT_FROM = 10_000;

const FORMAT = new Intl.NumberFormat('en', { notation: 'compact' });

/** A whole number in four characters: `9999`, `300k`, `1.2M`. */
export const compactNumber = (value: number): string =>
  value < COMPACT_FROM ? String(Math.round(value)) : FORMAT.format(value).replace('K', 'k');
