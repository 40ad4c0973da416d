import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'looping', timeoutSeconds: 3, retry: { maxRetries: 1 } });
