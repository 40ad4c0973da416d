import { Command } from 'commander';
import { printJson } from '../../print-json.ts';
import { settingsOf } from '../../settings.ts';

/** `posthorn token`: a token for a producer in another language. */
export const tokenCommand = (): Command =>
  new Command('token')
    .description('print a token for the SQS message attribute `authorization`, issued by AWS to the role of these credentials')
    .requiredOption('--audience <agent>', 'the agent that the messages are for')
    .action(async ({ audience }: { readonly audience: string }, command: Command) => {
      const settings = settingsOf(command);
      const { MeshClient } = await import('../../../client/index.ts');
      const mesh = new MeshClient(settings);
      try {
        // A misspelt agent would be found out only by the messages that it refuses.
        await mesh.queueOf(audience, 'inbox');
        const token = await mesh.token(audience);
        if (settings.json) printJson({ token });
        else console.log(token);
      } finally {
        await mesh[Symbol.asyncDispose]();
      }
    });
