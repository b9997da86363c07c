/** Documents, vectors and jobs for tests of stores: the same for the same names. */

import { createHash } from "node:crypto";
import type { Job } from "#src/core/job.js";
import type { CollectionSpec, IndexedDocument, Metadata, Point, SourceInfo } from "#src/core/types.js";
import { normalize } from "#src/core/vector.js";
import { thisProcess } from "#src/process/owner.js";

export const DIMENSION = 8;

export function spec(alias = "docs", dimension = DIMENSION): CollectionSpec {
  return {
    alias,
    analyser: "en-porter2-1",
    fingerprint: {
      model: "pseudo",
      sha256: "0",
      dimension,
      pooling: "hash",
      queryPrefix: "",
      passagePrefix: "",
      maxTokens: 256,
      normalized: true,
    },
  };
}

/** A unit vector that is the same for the same seed. */
export function vectorOf(seed: string, dimension = DIMENSION): Float32Array {
  const vector = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) {
    vector[i] = createHash("sha256").update(`${seed}/${i}`).digest().readInt32LE(0) / 2 ** 31;
  }
  return normalize(vector);
}

export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export interface DocumentOptions {
  readonly source?: string;
  readonly title?: string;
  readonly metadata?: Metadata;
  readonly dimension?: number;
  readonly hash?: string;
}

/** A document with one chunk for each text. */
export function document(id: string, texts: readonly string[], options: DocumentOptions = {}): IndexedDocument {
  const { source = "files", title, metadata = {}, dimension = DIMENSION, hash = "h1" } = options;
  const points = texts.map(
    (text, ordinal): Point => ({
      id: uuidOf(`${source}/${id}/${ordinal}`),
      ordinal,
      text,
      start: ordinal * 100,
      end: ordinal * 100 + text.length,
      // Formats have lines, or pages, or neither.
      lines: ordinal % 3 === 0 ? { first: ordinal + 1, last: ordinal + 2 } : undefined,
      pages: ordinal % 3 === 1 ? { first: ordinal, last: ordinal + 1 } : undefined,
      headings: ["Guide", `Part ${ordinal}`],
      embedText: `${title ?? ""}\n${text}`,
      vector: vectorOf(text, dimension),
    }),
  );
  return { source, document: id, hash, chunker: "c1", metadata, points, title };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function source(name: string): SourceInfo {
  return { id: `file:///${name}`, name, kind: "folder", location: `file:///${name}` };
}

export function job(id: string, change: Partial<Job> = {}): Job {
  const now = new Date().toISOString();
  return {
    id,
    collection: "docs",
    source: "files",
    mode: "full",
    state: "done",
    phase: "finished",
    dryRun: false,
    documents: { seen: 1, added: 1, changed: 0, unchanged: 0, removed: 0 },
    chunks: 1,
    skipped: [],
    skippedTotal: 0,
    failed: [],
    failedTotal: 0,
    startedAt: now,
    updatedAt: now,
    elapsedMs: 5,
    owner: thisProcess(),
    ...change,
  };
}

export const CORPUS = [
  document("alpha", ["The quick brown fox jumps", "A lazy dog sleeps all day"], {
    title: "Animals",
    metadata: { lang: "en", year: 2020, draft: false, tags: ["fox", "dog"] },
  }),
  document("beta", ["Rotate the signing keys every month"], {
    metadata: { lang: "en", year: 2023, draft: true, tags: ["security"] },
  }),
  document("gamma", ["Der schnelle Fuchs", "Keys and locks, locks and keys"], {
    metadata: { lang: "de", year: 2025, version: "2020" },
  }),
  document("delta", ["Backups are taken every night"], { source: "wiki", metadata: { lang: "en", tags: [] } }),
];
