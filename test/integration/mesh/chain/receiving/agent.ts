import { chainAgent } from '../chain-agent.ts';

export default chainAgent('receiving', { next: 'enriching' });
