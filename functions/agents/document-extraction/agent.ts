import { content, defineAgent } from 'posthorn';
import { countText } from './count-text.ts';
import { detectLanguage } from './detect-language.ts';
import { extractText } from './extract-text.ts';

export default defineAgent({
  id: 'document-extraction',
  version: '1.0.0',
  description: 'Turns plain text, HTML pages and PDF documents into plain text with its language and counts.',
  capabilities: [
    {
      id: 'text-extraction',
      name: 'Text extraction',
      description: 'Reads a document, inline or by reference, and answers its text, language and counts.',
      tags: ['documents', 'text', 'html', 'pdf'],
    },
  ],
  input: content('text/plain', 'text/html', 'application/pdf'),
  calls: ['sentiment-analysis'],
  actions: { process_documents: { types: ['document.received'] } },
  timeoutSeconds: 60,
  // A batch is ten documents, each with a parser process of up to 256 MB.
  memoryMb: 2_048,

  async handle({ id, subject, data, metadata }, context) {
    const { text, title, pages } = await context.timer('extraction', () => extractText(data, context.signal));
    const language = detectLanguage(text);
    const counts = { ...countText(text), pages };
    const documentId = subject ?? id;
    context.logger.info('Text extracted', { documentId, contentType: data.contentType, language, ...counts });

    const extracted = { documentId, title, text, language, counts };
    // A producer may ask for a range of versions; otherwise the weights decide.
    const version = typeof metadata.sentimentVersion === 'string' ? metadata.sentimentVersion : undefined;
    await context.send({ capability: 'sentiment-analysis', version }, extracted, { type: 'document.extracted' });
    return { documentId, language, counts };
  },
});
