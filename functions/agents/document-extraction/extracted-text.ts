/** What a document says, without its markup. */
export interface ExtractedText {
  readonly text: string;
  /** The title that the document gives itself. */
  readonly title: string | undefined;
  /** 1 for what has no pages: text and HTML. */
  readonly pages: number;
}
