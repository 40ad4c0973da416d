import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'claiming', timeoutSeconds: 20, exclusive: true });
