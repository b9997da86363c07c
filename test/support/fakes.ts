/** The retrieve pipeline over parts in memory: every score is given, every call is seen. */
import type { Call } from "#src/core/call.js";
import { throwIfAborted } from "#src/core/errors.js";
import type { Embedder, Expander, Reranker, VectorStore } from "#src/core/ports.js";
import type {
  Candidate,
  CollectionInfo,
  Expansion,
  Fingerprint,
  Leg,
  Metadata,
  StoredPoint,
  Variant,
} from "#src/core/types.js";
import { RANKING_PARAMS, type RankingParams } from "#src/retrieve/ranking/ranking-params.js";
import { type RetrieveRequest, retrieve } from "#src/retrieve/retrieve.js";
import { passFor, testCall } from "./call.js";
import { testProfile } from "./profile.js";

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
  sources: [],
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
  readonly metadata?: Metadata;
}

/** Passages whose fused scores fall evenly from 0.9. */
export const falling = (count: number): GivenPassage[] =>
  Array.from({ length: count }, (_, i) => {
    const score = 0.9 - (i * 0.8) / count;
    return { id: `p${String(i).padStart(3, "0")}`, dense: score, lexical: score };
  });

interface FakeReranking {
  readonly reranker: Reranker;
  readonly topK: number;
  readonly budgetMs: number;
  readonly absent?: "compute" | "skip";
}

export interface FakeParts {
  readonly embedder?: Embedder;
  readonly store?: VectorStore;
  readonly expander?: Expander | undefined;
  readonly reranking?: FakeReranking | undefined;
  readonly candidates?: number;
  readonly ranking?: RankingParams;
}

export class FakeRetrieval {
  readonly embedded: (readonly string[])[] = [];
  readonly searched: (readonly Leg[])[] = [];
  readonly read: (readonly string[])[] = [];
  private readonly texts: string[] = [];

  constructor(readonly passages: readonly GivenPassage[]) {}

  readonly embedder = {
    maxTokens: 256,
    fingerprint: async () => FINGERPRINT,
    embed: async (_call: Call, texts: readonly string[]) => {
      this.embedded.push(texts);
      return texts.map((text) => Float32Array.of(this.texts.push(text)));
    },
  } as unknown as Embedder;

  readonly store = {
    describe: async () => COLLECTION,
    any: async () => true,
    search: async (_call: Call, _name: string, legs: readonly Leg[]) => {
      this.searched.push(legs);
      return this.passages.map((passage) => this.candidate(passage, legs));
    },
    read: async (_call: Call, _name: string, ids: readonly string[]) => {
      this.read.push(ids);
      return ids.map((id) => this.point(id));
    },
  } as unknown as VectorStore;

  /** @param parts those the profile has, beside the embedder and the store */
  retrieve(request: Partial<RetrieveRequest> = {}, parts: FakeParts = {}, call: Call = testCall()) {
    const { embedder, store } = this;
    const { expander, reranking, candidates = 100, ranking = RANKING_PARAMS } = parts;
    const engine = {
      store: parts.store ?? store,
      analyser: ANALYSER,
      ranking,
      exactTerms: () => [],
      phrases: () => [],
      isEnglish: () => true,
      embedder: () => parts.embedder ?? embedder,
      expander: () => expander as Expander,
      reranker: () => reranking?.reranker as Reranker,
    };
    const profile = testProfile({
      candidates,
      expansion: expander === undefined ? { kind: "none" } : { kind: "synonyms", maxVariants: 5 },
      reranking:
        reranking === undefined
          ? { kind: "none" }
          : {
              kind: "late-interaction",
              absent: reranking.absent ?? "compute",
              topK: reranking.topK,
              budgetMs: reranking.budgetMs,
            },
    });
    const asked = { query: "question", collection: passFor("docs"), topK: 10, ...request };
    return retrieve(call, engine, profile, asked);
  }

  private candidate({ id, dense, lexical, of = {} }: GivenPassage, legs: readonly Leg[]): Candidate {
    const scores = legs.map((leg) => {
      if (leg.kind === "exact") return 0;
      const text = leg.kind === "dense" ? (this.texts[(leg.vector[0] as number) - 1] as string) : leg.text;
      return of[text] ?? (leg.kind === "dense" ? dense : lexical);
    });
    return { id, source: "files", document: id, ordinal: 0, textHash: id, scores };
  }

  private point(id: string): StoredPoint {
    const given = this.passages.find((passage) => passage.id === id) as GivenPassage;
    const { title, text = `Passage ${id}.`, metadata = {} } = given;
    return {
      id,
      ordinal: 0,
      text,
      start: 0,
      end: text.length,
      headings: [],
      embedText: title === undefined ? text : `${title}\n\n${text}`,
      record: { source: "files", document: id, hash: "0", chunker: "1", metadata, ...(title && { title }) },
    };
  }
}

export function fakeExpander(expand: () => Expansion | Promise<Expansion>): Expander {
  return {
    expand: async ({ signal }) => {
      throwIfAborted(signal);
      return expand();
    },
    warmUp: async ({ signal }) => throwIfAborted(signal),
    status: () => ({ state: "ready", strategy: "synonyms", wordnet: { version: "3.1", synsets: 117_791 } }),
  };
}

export const variants = (...others: readonly Variant[]): Expansion => ({
  variants: [{ text: "question", leg: "both", weight: 1 }, ...others],
});

export function fakeReranker(score: Reranker["score"]): Reranker {
  return {
    score: async (call, query, passages, budgetMs) => {
      throwIfAborted(call.signal);
      return score(call, query, passages, budgetMs);
    },
    warmUp: async ({ signal }) => throwIfAborted(signal),
    status: () => ({ state: "ready", model: "test/reranker", device: "cpu" }),
    close: async () => undefined,
  };
}
