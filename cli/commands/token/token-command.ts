import { Command } from 'commander';
import { EDGE_ID } from '../../../events/names.ts';
import { printJson } from '../../print-json.ts';
import { settingsOf } from '../../settings.ts';

/** `posthorn token`: a token for a producer in another language, or for a request to the mesh's REST API. */
export const tokenCommand = (): Command =>
  new Command('token')
    .description(
      'print a token, issued by AWS to the role of these credentials: for the SQS message attribute `authorization`, ' +
        "or for the header `Authorization: Bearer` of requests to the mesh's REST API",
    )
    .requiredOption('--audience <agent>', `the agent that the messages are for, or ${EDGE_ID} for the REST API`)
    .action(async ({ audience }: { readonly audience: string }, command: Command) => {
      const settings = settingsOf(command);
      const { MeshClient } = await import('../../../client/index.ts');
      const mesh = new MeshClient(settings);
      try {
        // A misspelt agent would be found out only by the messages that it refuses.
        if (audience !== EDGE_ID) await mesh.queueOf(audience, 'inbox');
        const token = await mesh.token(audience);
        if (settings.json) printJson({ token });
        else console.log(token);
      } finally {
        await mesh[Symbol.asyncDispose]();
      }
    });
