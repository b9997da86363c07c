/** What a question has in quotation marks. */
export interface Phrase {
  /** As it was written. */
  readonly text: string;
  /** Whether its terms stand in a text one after the other. */
  isIn(text: string): boolean;
}
