import type { SteadyMesh } from './steady-mesh.ts';

async function* numbered(count: number) {
  for (let nth = 0; nth < count; nth++) yield { nth };
}

/** Sends so many messages as fast as the inbox takes them. @returns SQS's ids @throws Error when one is not sent */
export async function sendNumbered({ client, agent }: SteadyMesh, count: number, tenant?: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const result of client.sendMany(agent, numbered(count), { tenant })) {
    if (result.status !== 'sent') throw new Error(`a message was ${result.status}`);
    ids.push(result.messageId);
  }
  return ids;
}
