/** Fields of an operation's input that its span names; nothing else of the input is written. */
export interface SpanFields {
  /** Texts of users: keyed hash and length, the text itself only when content is shown. */
  readonly texts?: readonly string[];
  /** Numbers and booleans as they are, strings only when they look like a name. */
  readonly settings?: readonly string[];
  /** Conditions on metadata: their fields only, the values are users' data. */
  readonly filter?: string;
}
