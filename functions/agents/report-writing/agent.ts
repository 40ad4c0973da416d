import { defineAgent } from 'posthorn';
import { analysisSchema, reportOf } from './report.ts';

export default defineAgent({
  id: 'report-writing',
  version: '1.0.0',
  description: 'Writes a Markdown report on an analysed document and answers where it lies.',
  capabilities: [
    {
      id: 'report-writing',
      name: 'Report writing',
      description: 'A Markdown report of a document: counts, sentiment and emotions.',
      tags: ['documents', 'report', 'markdown'],
    },
  ],
  input: analysisSchema,
  actions: { write_reports: { types: ['document.analysed'] } },

  async handle({ data }, context) {
    const report = await context.store(reportOf(data), 'text/markdown');
    const answer = { documentId: data.documentId, report };

    await context.reply(answer, { type: 'report.written' });
    return answer;
  },
});
