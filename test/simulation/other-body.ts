// Bodies made from those of other messages. A body that is not an envelope stays as it is.

/** The same message, as an operator sends it again. */
export function bodyWithGeneration(body: string, generation: number): string {
  const envelope = parsed(body);
  return envelope ? JSON.stringify({ ...envelope, generation }) : body;
}

export function generationOf(body: string): number {
  const generation = parsed(body)?.generation;
  return typeof generation === 'number' ? generation : 0;
}

export function sourceOf(body: string): string | undefined {
  const source = parsed(body)?.source;
  return typeof source === 'string' ? source : undefined;
}

/** What was wrong with inline data is put right, under the same id: other data, a conflict. */
export function bodyWithOtherData(body: string, tag = 'mended'): string {
  const envelope = parsed(body);
  const data = envelope && 'data' in envelope && typeof envelope.data === 'object' ? envelope.data : undefined;
  return data ? JSON.stringify({ ...envelope, subject: 'ok', data: { ...data, kind: 'ok', tag } }) : body;
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
