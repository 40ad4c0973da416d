import { sentimentAgent } from '../../sentiment-agent.ts';

export default sentimentAgent('sentiment-v1', '1.0.0');
