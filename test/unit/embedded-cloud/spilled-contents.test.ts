import { expect, test } from 'vitest';
import { SpilledContents } from '../../../local/services/spilled-contents.ts';

const contentsOf = (nth: number) => ({
  body: `${nth} \u{1F4EF} `.padEnd(100_000, 'x'),
  md5OfBody: `digest ${nth}`,
  messageAttributes: { nth: { DataType: 'Number', StringValue: String(nth) } },
  md5OfMessageAttributes: `attributes ${nth}`,
});

test('contents are read as they were added, over several files, whatever was removed in between', () => {
  using contents = new SpilledContents();
  const spots = Array.from({ length: 500 }, (_, nth) => contents.add(contentsOf(nth)));
  expect(new Set(spots.map(({ segment }) => segment)).size).toBe(3);

  for (const spot of spots.slice(0, 400)) contents.remove(spot);
  const later = contents.add(contentsOf(500));

  expect(spots.slice(400).map((spot) => contents.read(spot))).toEqual(Array.from({ length: 100 }, (_, index) => contentsOf(400 + index)));
  expect(contents.read(later)).toEqual(contentsOf(500));
});
