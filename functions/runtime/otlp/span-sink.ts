/** Where spans of ended deliveries go. */
export interface SpanSink<Recorded> {
  push(span: Recorded): void;
  /** One span is lost, because there are too many. */
  lose(): void;
}
