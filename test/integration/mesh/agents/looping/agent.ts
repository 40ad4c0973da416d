import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'looping', timeoutSeconds: 1, retry: { maxRetries: 1 } });
