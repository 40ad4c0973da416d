import documentExtraction from '../functions/agents/document-extraction/agent.ts';
import orderProcessing from '../functions/agents/order-processing/agent.ts';
import reportWriting from '../functions/agents/report-writing/agent.ts';
import sentimentAnalysis from '../functions/agents/sentiment-analysis/agent.ts';
import sentimentV2 from '../functions/agents/sentiment-v2/agent.ts';
import { definePolicy, type Policy } from './index.ts';

/** The producers' IAM roles. SQS stamps the id of a role on what it sends; tokens name its ARN. */
export type ProducerRoles = Readonly<Record<'uploader' | 'analyst' | 'operator', { readonly roleId: string; readonly roleArn: string }>>;

/** How the mesh knows a role. */
const knownBy = ({ roleId, roleArn }: ProducerRoles['operator']) => ({ principalIds: [roleId], arn: roleArn });

/** Who may send to whom in the sample mesh. docs/security-matrix.md shows what follows from it. */
export const samplePolicy = ({ uploader, analyst, operator }: ProducerRoles): Policy =>
  definePolicy({
    agents: [documentExtraction, orderProcessing, reportWriting, sentimentAnalysis, sentimentV2],
    producers: {
      uploader: { ...knownBy(uploader), sources: ['https://samples.example.com/*'] },
      analyst: { ...knownBy(analyst), sources: ['https://samples.example.com/analysts'] },
      // A redriven message keeps the source of its first sender.
      operator: { ...knownBy(operator), sources: ['/posthorn/cli'] },
    },
    roles: {
      uploader: { 'document-extraction': ['process_documents'], 'order-processing': ['place_orders'] },
      extractor: { 'sentiment-analysis': ['analyse'], 'sentiment-v2': ['analyse'] },
      analyst: { 'sentiment-analysis': ['analyse'], 'sentiment-v2': ['analyse'], 'report-writing': ['write_reports'] },
      operator: { '*': ['redrive'] },
    },
    bindings: [
      { role: 'uploader', producer: 'uploader' },
      { role: 'extractor', agent: 'document-extraction' },
      { role: 'analyst', producer: 'analyst' },
      { role: 'operator', producer: 'operator' },
    ],
  });
