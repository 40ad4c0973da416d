import { z } from 'zod';
import type { App } from './fauxqs-app.ts';
import type { Caller } from './identities.ts';
import { executeSts, STS_VERSION, type Sts } from './sts.ts';
import { DISCOVERY_PATH, discoveryDocument, JWKS_PATH } from './web-identity-token.ts';

const fieldsSchema = z.record(z.string(), z.string()).refine(({ Version }) => Version === STS_VERSION);

/** Replaces fauxqs' STS, which has only one caller, and serves the keys of its tokens. Call it before `ready`. */
export function addSts(app: App, sts: Sts, callerOf: (request: object) => Caller): void {
  app.addHook('preHandler', async (request, reply) => {
    const fields = fieldsSchema.safeParse(request.body);
    if (!fields.success) return;
    const { status, body } = await executeSts(fields.data, callerOf(request), sts);
    await reply.code(status).type('text/xml').send(body);
  });
  app.get(DISCOVERY_PATH, async () => discoveryDocument(sts.place));
  app.get(JWKS_PATH, async () => ({ keys: await sts.keys.publicKeys() }));
}
