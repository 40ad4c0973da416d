import { chainAgent } from '../chain-agent.ts';

export default chainAgent('concluding', { exclusive: true });
