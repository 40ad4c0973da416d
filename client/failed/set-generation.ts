/**
 * Sets the attribute `generation` in the JSON text of an envelope and changes no other byte. Numbers that a parser would round,
 * escapes, order and spaces stay as the sender wrote them, so the data keeps its digest.
 *
 * @param json a JSON object, known to parse
 * @example
 * ```ts
 * setGeneration('{"id":"1"}', 2); // {"generation":2,"id":"1"}
 * ```
 */
export function setGeneration(json: string, generation: number): string {
  const spans = valueSpans(json, 'generation');
  if (spans.length === 0) {
    const open = json.indexOf('{') + 1;
    const isEmpty = /^\s*\}/.test(json.slice(open));
    return `${json.slice(0, open)}"generation":${generation}${isEmpty ? '' : ','}${json.slice(open)}`;
  }
  // From the last to the first, so that the earlier spans stay valid. A repeated name has several.
  return spans.toReversed().reduce((text, { start, end }) => text.slice(0, start) + generation + text.slice(end), json);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The spans of the outermost object's values under this name. Walks the text once, without recursion. */
function valueSpans(json: string, name: string): readonly Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let expectsName = false;
  let valueStart: number | undefined;
  const endValue = (end: number) => {
    if (valueStart === undefined) return;
    const value = json.slice(valueStart, end);
    const start = valueStart + (value.length - value.trimStart().length);
    spans.push({ start, end: start + value.trim().length });
    valueStart = undefined;
  };
  for (let index = 0; index < json.length; index++) {
    const character = json[index];
    if (character === '"') {
      const end = endOfString(json, index);
      if (depth === 1 && expectsName) {
        expectsName = false;
        const colon = json.indexOf(':', end);
        if (JSON.parse(json.slice(index, end)) === name) valueStart = colon + 1;
        index = colon;
      } else index = end - 1;
    } else if (character === '{' || character === '[') {
      depth++;
      expectsName = depth === 1;
    } else if (character === '}' || character === ']') {
      if (depth === 1) endValue(index);
      depth--;
    } else if (character === ',' && depth === 1) {
      endValue(index);
      expectsName = true;
    }
  }
  return spans;
}

/** The index after the closing quote of the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  let index = start + 1;
  while (index < json.length && json[index] !== '"') index += json[index] === '\\' ? 2 : 1;
  return index + 1;
}
