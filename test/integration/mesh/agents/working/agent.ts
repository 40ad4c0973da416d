import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'working', timeoutSeconds: 20, concurrency: 4 });
