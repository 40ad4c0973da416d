export async function* from<Element>(elements: readonly Element[]): AsyncGenerator<Element> {
  yield* elements;
}

export async function collect<Element>(stream: AsyncIterable<Element>): Promise<readonly Element[]> {
  const elements: Element[] = [];
  for await (const element of stream) elements.push(element);
  return elements;
}
