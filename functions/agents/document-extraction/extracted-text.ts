/** The text of a document, without its markup. */
export interface ExtractedText {
  readonly text: string;
  /** The title in the document's metadata. */
  readonly title: string | undefined;
  /** 1 for text and HTML, which have no pages. */
  readonly pages: number;
}
