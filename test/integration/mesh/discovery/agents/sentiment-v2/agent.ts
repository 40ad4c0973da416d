import { sentimentAgent } from '../../sentiment-agent.ts';

export default sentimentAgent('sentiment-v2', '2.0.0');
