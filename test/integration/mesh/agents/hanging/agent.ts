import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'hanging', timeoutSeconds: 10, retry: { maxRetries: 1 } });
