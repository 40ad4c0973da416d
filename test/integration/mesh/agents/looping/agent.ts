import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'looping', timeoutSeconds: 2, retry: { maxRetries: 1 } });
