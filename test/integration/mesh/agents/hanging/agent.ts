import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'hanging', timeoutSeconds: 4, retry: { maxRetries: 1 } });
