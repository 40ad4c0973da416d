import { recordingAgent } from '../../recording-agent.ts';

export default recordingAgent('archive');
