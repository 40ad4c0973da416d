/** The metrics of a producer: their names are those of OpenTelemetry's conventions, beginning with the mesh's own. */
export const PRODUCER_METRICS = {
  load: { name: 'posthorn.producer.load', description: 'How much of what the producer may do is in use, 0 to 1', unit: '1' },
  inFlight: { name: 'posthorn.producer.in_flight', description: 'Messages that have a turn and are not sent yet', unit: '{message}' },
  rate: { name: 'posthorn.producer.rate', description: 'Messages each second that the producer may send', unit: '{message}/s' },
  pressure: { name: 'posthorn.producer.pressure', description: 'The expected wait divided by the goal', unit: '1' },
  sent: { name: 'posthorn.producer.sent', description: 'Messages that SQS has taken', unit: '{message}' },
} as const;
