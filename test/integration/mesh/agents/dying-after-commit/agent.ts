import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'dying-after-commit', timeoutSeconds: 15 });
