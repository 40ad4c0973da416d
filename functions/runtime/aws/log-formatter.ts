import { LogFormatter, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';

/** Powertools' own item copies each field of each line once more to leave the empty ones out: a fifth of what a line allocates. */
class LogLine extends LogItem {
  override prepareForPrint(): void {
    const attributes = this.getAttributes();
    for (const name of Object.keys(attributes)) {
      const value = attributes[name];
      // JSON has no form for `undefined`.
      if (value === null || value === '') delete attributes[name];
    }
  }
}

/** Lines in Powertools' format, of what an agent's lines have. */
export class LineFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, additional: LogAttributes): LogItem {
    const { logLevel: level, message, timestamp, serviceName: service, sampleRateValue, xRayTraceId } = attributes;
    const line = { level, message, timestamp: this.formatTimestamp(timestamp), service, sampling_rate: sampleRateValue };
    const item = new LogLine({ attributes: {} });
    // Not `addAttributes`, which copies them one by one: `additional` is this line's own already.
    item.setAttributes(xRayTraceId === undefined ? { ...line, ...additional } : { ...line, xray_trace_id: xRayTraceId, ...additional });
    return item;
  }
}
