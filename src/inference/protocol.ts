/** What the pool tells an inference process. */
import type { Pooling } from "./pooling.js";
import type { Device } from "./session.js";

/** Longest text looked at, in UTF-16 units: far beyond what any model reads, so that one huge input cannot fill memory. */
const MAX_TEXT_LENGTH = 65_536;

export function clip(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
}

/** A file that is only used when its checksum is right. */
export interface PinnedFile {
  readonly path: string;
  readonly sha256: string;
  /** What to do when it is missing or wrong. */
  readonly remedy: string;
}

/** Handed to the process as its one argument, in JSON. */
export interface LoadArgs {
  readonly weights: PinnedFile;
  readonly tokenizer: PinnedFile;
  readonly tokenizerConfig: PinnedFile;
  /** A sentence and its vector, to see that this machine computes what the model means. */
  readonly canary?: PinnedFile;
  readonly device: Device;
  readonly dimension: number;
  readonly maxTokens: number;
  readonly pooling: Pooling;
}

export interface Loaded {
  readonly checksumVerified: true;
  /** Cosine of the canary sentence's vector to its fp32 reference. */
  readonly canaryCosine?: number;
}

export interface EmbedArgs {
  readonly texts: readonly string[];
}
