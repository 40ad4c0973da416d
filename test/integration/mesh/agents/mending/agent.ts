import { scriptedAgent } from '../scripted-agent.ts';

/** Its time is longer than any test waits: what hangs here still hangs when its neighbours are done, on any machine. */
export default scriptedAgent({ id: 'mending', timeoutSeconds: 600, retry: { maxRetries: 0 } });
