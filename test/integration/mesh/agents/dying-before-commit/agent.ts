import { scriptedAgent } from '../scripted-agent.ts';

export default scriptedAgent({ id: 'dying-before-commit', timeoutSeconds: 15 });
