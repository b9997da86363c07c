/** Fields of an operation's input that its span names; nothing else of the input is written. */
export interface SpanFields {
  /** Texts of users: keyed hash and length, the text itself only when content is shown. */
  readonly texts?: readonly string[];
  /** Numbers and booleans as they are; texts too when they are among `words`, or the name of a collection or profile. */
  readonly settings?: readonly string[];
  /** Values and fields of closed lists. */
  readonly words?: readonly string[];
  /** Conditions on metadata: their fields, as keyed hash where they are not among `words`; the values are users' data. */
  readonly filter?: string;
}
