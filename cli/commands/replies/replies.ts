import { MeshClient, type Reply } from '../../../client/index.ts';
import { interruptible } from '../../interrupt.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import type { RepliesFlags } from './flags.ts';
import { replyText } from './reply-text.ts';

/** Prints the replies of a mesh, each once. With `take` it removes them from the queue. */
export async function replies({ take, follow, full, max }: RepliesFlags, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    let printed = 0;
    const read = await interruptible(async (signal) => {
      const { exitCode } = process;
      const all = mesh.replies({ take, follow, max, signal });
      for await (const reply of all) {
        if (settings.json) printJson(asRecord(reply));
        else console.log(replyText(reply, full));
        printed++;
      }
      // Ctrl-C is the intended end of following.
      if (follow) process.exitCode = exitCode;
      return all;
    });
    const copies = read.copies === 0 ? '' : `; copies that were not shown: ${read.copies}`;
    console.error(`${printed} ${printed === 1 ? 'reply' : 'replies'} ${take ? 'taken' : 'in the queue, and left there'}${copies}`);
    if (read.stillHidden > 0) console.error(`Reading took long: ${read.stillHidden} of them become visible again within 30 s`);
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

function asRecord({ messageId, body, envelope, sentAt }: Reply) {
  return {
    messageId,
    id: envelope?.id ?? null,
    source: envelope?.source ?? null,
    type: envelope?.type ?? null,
    correlationid: envelope?.correlationid ?? null,
    causationid: envelope?.causationid ?? null,
    sentAt: sentAt.toISOString(),
    body,
  };
}
