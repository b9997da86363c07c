/** The retrieve pipeline over parts in memory: every score is given, every call is seen. */
import { type Ctx, createCtx } from "#src/core/context.js";
import type { Embedder, Expander, Reranker, VectorStore } from "#src/core/ports.js";
import type {
  Candidate,
  CollectionInfo,
  Expansion,
  Fingerprint,
  Leg,
  RetrieveMode,
  StoredPoint,
  Variant,
} from "#src/core/types.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { type RetrieveParts, type RetrieveRequest, retrieve } from "#src/retrieve/retrieve.js";

const ANALYSER = "test-analyser";
export const FINGERPRINT: Fingerprint = {
  model: "test/model",
  sha256: "0".repeat(64),
  dimension: 1,
  pooling: "mean",
  queryPrefix: "",
  passagePrefix: "",
  maxTokens: 256,
  normalized: true,
};
const COLLECTION: CollectionInfo = {
  name: "docs_1",
  alias: "docs",
  spec: { alias: "docs", fingerprint: FINGERPRINT, analyser: ANALYSER },
  dimension: 1,
  state: "ready",
  serving: true,
  points: 1_000,
  documents: 1_000,
  createdAt: "2026-01-01T00:00:00.000Z",
};

export interface GivenPassage {
  readonly id: string;
  readonly dense: number;
  readonly lexical: number;
  /** Score of a variant's text, when it differs from the question's. */
  readonly of?: Readonly<Record<string, number>>;
  readonly title?: string;
  readonly text?: string;
}

/** Passages whose fused scores fall evenly from 0.9. */
export const falling = (count: number): GivenPassage[] =>
  Array.from({ length: count }, (_, i) => {
    const score = 0.9 - (i * 0.8) / count;
    return { id: `p${String(i).padStart(3, "0")}`, dense: score, lexical: score };
  });

export class FakeRetrieval {
  readonly embedded: (readonly string[])[] = [];
  readonly searched: (readonly Leg[])[] = [];
  readonly read: (readonly string[])[] = [];
  private readonly texts: string[] = [];

  constructor(readonly passages: readonly GivenPassage[]) {}

  readonly embedder = {
    fingerprint: async () => FINGERPRINT,
    embed: async (texts: readonly string[]) => {
      this.embedded.push(texts);
      return texts.map((text) => Float32Array.of(this.texts.push(text) - 1));
    },
  } as unknown as Embedder;

  readonly store = {
    describe: async () => COLLECTION,
    any: async () => true,
    search: async (_name: string, legs: readonly Leg[]) => {
      this.searched.push(legs);
      return this.passages.map((passage) => this.candidate(passage, legs));
    },
    read: async (_name: string, ids: readonly string[]) => {
      this.read.push(ids);
      return ids.map((id) => this.point(id));
    },
  } as unknown as VectorStore;

  retrieve(
    request: Partial<RetrieveRequest> = {},
    parts: Partial<RetrieveParts> = {},
    ctx: Ctx = createCtx({ signal: new AbortController().signal }),
  ) {
    const { embedder, store } = this;
    const whole = { embedder, store, analyser: ANALYSER, candidates: 100, ranking: RANKING_PARAMS, ...parts };
    const asked = { query: "question", collection: "docs", topK: 10, mode: "hybrid" as RetrieveMode, ...request };
    return retrieve(whole, asked, ctx);
  }

  private candidate({ id, dense, lexical, of = {} }: GivenPassage, legs: readonly Leg[]): Candidate {
    const scores = legs.map((leg) => {
      const text = leg.kind === "dense" ? (this.texts[leg.vector[0] as number] as string) : leg.text;
      return of[text] ?? (leg.kind === "dense" ? dense : lexical);
    });
    return { id, source: "files", document: id, ordinal: 0, textHash: id, scores };
  }

  private point(id: string): StoredPoint {
    const { title, text = `Passage ${id}.` } = this.passages.find((passage) => passage.id === id) as GivenPassage;
    return {
      id,
      ordinal: 0,
      text,
      start: 0,
      end: text.length,
      headings: [],
      embedText: title === undefined ? text : `${title}\n\n${text}`,
      record: { source: "files", document: id, hash: "0", chunker: "1", metadata: {}, ...(title && { title }) },
    };
  }
}

export function fakeExpander(expand: () => Expansion | Promise<Expansion>): Expander {
  return {
    expand: async () => expand(),
    warmUp: async () => undefined,
    status: () => ({ state: "ready", strategy: "synonyms", wordnet: { version: "3.1", synsets: 117_791 } }),
  };
}

export const variants = (...others: readonly Variant[]): Expansion => ({
  variants: [{ text: "question", leg: "both", weight: 1 }, ...others],
});

export function fakeReranker(score: Reranker["score"]): Reranker {
  return {
    score,
    warmUp: async () => undefined,
    status: () => ({ state: "ready", model: "test/reranker", device: "cpu" }),
    close: async () => undefined,
  };
}
