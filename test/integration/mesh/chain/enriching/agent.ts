import { chainAgent } from '../chain-agent.ts';

export default chainAgent('enriching', { next: 'concluding' });
