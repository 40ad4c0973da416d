import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'looping', timeoutSeconds: 5, retry: { maxRetries: 1 } });
