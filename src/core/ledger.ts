/** What a store keeps beside documents: who may write, what serves, and small records. */
import type { Call } from "./call.js";

/** Under which lease something is written. Whoever lost that lease writes nothing more: `conflict`. */
export interface Fence {
  readonly alias: string;
  /** Grows with each lease of the alias that is won. */
  readonly token: number;
}

/** Held by the one writer of an alias; `lost` aborts when it could not be renewed. */
export interface Lease {
  readonly owner: string;
  readonly fence: Fence;
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface SwitchTerms {
  /** What must serve until now, null for nothing; absent: whatever does. */
  readonly from?: string | null | undefined;
  readonly fence?: Fence | undefined;
}

export interface Switched {
  /** What served before, if anything did. */
  readonly previous?: string | undefined;
}

/** What is kept as small records. */
export type RecordKind = "cancellation" | "serving";

/** Plain JSON by kind and key, durable on return. Keys are ours: letters, digits, `_`, `.`, `:` and `-`. */
export interface Records {
  get(call: Call, kind: RecordKind, key: string): Promise<unknown>;
  put(call: Call, kind: RecordKind, key: string, record: object): Promise<void>;
  /** By key. */
  list(call: Call, kind: RecordKind): Promise<{ readonly key: string; readonly record: unknown }[]>;
  delete(call: Call, kind: RecordKind, key: string): Promise<void>;
}
