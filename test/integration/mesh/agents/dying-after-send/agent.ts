import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'dying-after-send', timeoutSeconds: 15 });
