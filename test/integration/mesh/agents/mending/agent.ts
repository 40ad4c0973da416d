import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'mending', timeoutSeconds: 30, retry: { maxRetries: 0 } });
