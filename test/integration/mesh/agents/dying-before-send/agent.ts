import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'dying-before-send', timeoutSeconds: 15 });
