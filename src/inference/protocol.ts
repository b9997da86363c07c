/** Messages of the pool to an inference process. */
import type { Device } from "../core/profile.js";
import type { Pooling } from "./pooling.js";

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

/** What every kind of model needs. */
export interface ModelLoad {
  readonly weights: PinnedFile;
  readonly tokenizer: PinnedFile;
  readonly tokenizerConfig: PinnedFile;
  readonly device: Device;
  /** Longest input in tokens, special tokens included; of a cross-encoder query and passage together. */
  readonly maxTokens: number;
}

export interface EmbedderLoad extends ModelLoad {
  readonly kind: "embedder";
  /** A sentence and its vector, to see that this machine computes what the model means. */
  readonly canary?: PinnedFile;
  readonly dimension: number;
  readonly pooling: Pooling;
  /** What makes token vectors short; without it there are none. */
  readonly tokenProjection?: PinnedFile;
}

export interface CrossEncoderLoad extends ModelLoad {
  readonly kind: "cross-encoder";
}

/** Handed to the process as its one argument, in JSON. */
export type LoadArgs = EmbedderLoad | CrossEncoderLoad;

/** The setting that says where each kind of model runs, for messages. */
export const DEVICE_SETTINGS: Readonly<Record<LoadArgs["kind"], string>> = {
  embedder: "EMBEDDING_DEVICE",
  "cross-encoder": "RERANK_DEVICE",
};

export interface Loaded {
  readonly checksumVerified: true;
  /** Cosine of the canary sentence's vector to its fp32 reference. */
  readonly canaryCosine?: number;
}

export interface EmbedArgs {
  readonly texts: readonly string[];
}

export interface ScoreArgs {
  readonly query: string;
  /** Passages. */
  readonly texts: readonly string[];
}
