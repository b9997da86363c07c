/** Documents in, points out: chunk → embed (or not yet) → write, several documents at a time, in bounded memory. */
import { createHash } from "node:crypto";
import { backgroundCall, branch, type Call } from "../core/call.js";
import { AppError, abortReason, throwIfAborted, toAppError } from "../core/errors.js";
import type { Embedder, Refusal, VectorStore } from "../core/ports.js";
import type { Chunk, DocumentKey, Embedding, IndexedDocument, Point } from "../core/types.js";
import { chunkerOf, keyOf, versionOf } from "./document-keys.js";
import type { InputDocument, InputItem, Loaded } from "./input.js";
import type { JobTracker } from "./job-tracker.js";
import type { KnownVectors } from "./known-vectors.js";
import { PassageEmbedder } from "./passage-embedder.js";
import { nameProblem, storable, storableRecord } from "./storable.js";

/** Points in one write: measured flat from 50 to 1,000 on both stores. */
const WRITE_BATCH = 100;
/** Documents being prepared at once: enough to keep every inference process busy. */
const IN_FLIGHT = 16;
/** How long a job that ends waits for its last write: what writes may stand still. */
const LAST_WRITE_WITHIN_MS = 5_000;
/** Points of this job kept for verification. */
const SAMPLES = 16;

export interface IndexParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly onChunks?: (chunks: number) => void;
}

export interface Indexed {
  /** Hashes of the documents that were read, by their keys. */
  readonly present: ReadonlyMap<string, string>;
  /** Keys of those that could not be: an earlier version of them is kept. */
  readonly failed: ReadonlySet<string>;
  /** Ids of some of the points written. */
  readonly sample: readonly string[];
}

export interface IndexRequest {
  /** The version that is written. */
  readonly target: string;
  readonly items: AsyncIterable<InputItem>;
  /** `hash chunker` of the documents in the target by `keyOf`; equal ones are not touched. */
  readonly known: ReadonlyMap<string, string>;
  readonly tracker: JobTracker;
  /** What is there already, and what is written from now on; absent where every document brings its own, or has none. */
  readonly vectors?: KnownVectors | undefined;
  /** Counts what would change, embeds and writes nothing. */
  readonly dryRun?: boolean;
  /** Embeds nothing: the documents are found by their words until they are written again. */
  readonly wordsOnly?: boolean | undefined;
}

export async function indexDocuments(caller: Call, parts: IndexParts, request: IndexRequest): Promise<Indexed> {
  const { items, known, tracker, vectors, dryRun = false, wordsOnly = false } = request;
  // One document that cannot be embedded or written ends the work on the others.
  const { call, abort, end } = branch(caller);
  const { signal } = call;
  const present = new Map<string, string>();
  const failed = new Set<string>();
  const sample: string[] = [];
  const running = new Set<Promise<void>>();
  const passages = new PassageEmbedder(call, parts.embedder, (texts) => tracker.preparedChunks(texts));
  const batch = new WriteBatch(parts, request, sample, signal);

  const leaveOut = (document: InputDocument) => (kind: "skipped" | "failed", reason: string) => {
    if (kind === "failed") failed.add(keyOf(document));
    else present.delete(keyOf(document));
    tracker.leaveOut(kind, document.document, reason);
  };
  const index = async (document: InputDocument) => {
    const loaded = await usable(call, document.load(call), leaveOut(document));
    if (loaded === undefined) return;
    const clean = storable(loaded);
    if (wordsOnly) {
      tracker.preparedChunks(clean.chunks.length);
      return batch.add(indexed(document, clean, { tracker }));
    }
    const ready = vectors === undefined ? clean : await vectors.addTo(call, document, clean);
    const embeddings = await passages.embed(ready.chunks);
    await batch.add(indexed(document, ready, { tracker, embeddings }));
  };
  const count = async (document: InputDocument) => {
    const change = known.has(keyOf(document)) ? "changed" : "added";
    const checked = await usable(call, document.check(call), leaveOut(document));
    if (checked !== undefined) tracker.counts[change]++;
  };
  const start = async (work: Promise<void>) => {
    const task = work.catch((error: unknown) => abort(toAppError(error))).finally(() => running.delete(task));
    running.add(task);
    if (running.size >= IN_FLIGHT) await Promise.race(running);
  };

  try {
    for await (const item of items) {
      throwIfAborted(signal);
      if (item.kind !== "document") {
        tracker.leaveOut(item.kind, item.document, item.reason);
        if (item.kind === "failed") failed.add(keyOf(item));
        continue;
      }
      const { document } = item;
      const key = keyOf(document);
      const problem = nameProblem(document);
      if (problem !== undefined) {
        tracker.leaveOut("skipped", document.document.toWellFormed(), problem);
        continue;
      }
      present.set(key, document.hash);
      tracker.counts.seen++;
      const before = known.get(key);
      if (before === versionOf(document)) tracker.counts.unchanged++;
      else await start(dryRun ? count(document) : index(document));
      tracker.tick();
    }
    await Promise.all(running);
    throwIfAborted(signal);
    await batch.flush();
  } finally {
    await Promise.allSettled(running);
    end();
  }
  throwIfAborted(signal);
  return { present, failed, sample };
}

/** undefined when the document itself cannot be used; the job goes on. @throws what would stop every document */
async function usable<T extends object>(
  { signal }: Call,
  made: Promise<T | Refusal>,
  leaveOut: (kind: "skipped" | "failed", reason: string) => void,
): Promise<T | undefined> {
  try {
    const value = await made;
    if (!("reason" in value)) return value;
    leaveOut("skipped", value.reason);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code !== "bad_request") throw thrown;
    throwIfAborted(signal);
    leaveOut("failed", thrown instanceof Error ? thrown.message : String(thrown));
  }
  return undefined;
}

/** @param made `embeddings`: one for each chunk; absent: there are none yet */
function indexed(
  document: InputDocument,
  loaded: Loaded,
  { tracker, embeddings }: { readonly tracker: JobTracker; readonly embeddings?: readonly Embedding[] },
): IndexedDocument {
  const { title, metadata, leftOut } = storableRecord(document, loaded);
  if (leftOut.length > 0) tracker.leaveOut("shortened", document.document, leftOut.join("; "));
  const { source, document: id, hash } = document;
  return {
    source,
    document: id,
    hash,
    chunker: chunkerOf(document, { wordsOnly: embeddings === undefined }),
    metadata,
    title,
    points: loaded.chunks.map((chunk, i) => toPoint(document, chunk, embeddings?.[i])),
  };
}

function toPoint(key: DocumentKey, chunk: Chunk, { vector, tokens }: Partial<Embedding> = {}): Point {
  const { ordinal, text, start, end, lines, pages, headings, tableHeader, embedText } = chunk;
  const where = { lines, pages, headings, tableHeader };
  const embedding = { vector, tokens };
  return { id: pointId(key, ordinal), ordinal, text, start, end, ...where, embedText, ...embedding };
}

/** A UUID (version 8, RFC 9562) from sha256 of source, document and ordinal: the same in every store and every run. */
function pointId(key: DocumentKey, ordinal: number): string {
  const hash = createHash("sha256")
    .update(`${keyOf(key)}\n${ordinal}`)
    .digest();
  hash[6] = ((hash[6] as number) & 0x0f) | 0x80;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** Collects documents until they are worth a write; what it counts is durable. */
class WriteBatch {
  #documents: IndexedDocument[] = [];
  #points = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: IndexParts,
    private readonly request: IndexRequest,
    private readonly sample: string[],
    private readonly signal: AbortSignal,
  ) {}

  async add(document: IndexedDocument): Promise<void> {
    this.#documents.push(document);
    this.#points += document.points.length;
    if (this.#points >= WRITE_BATCH) await this.flush();
  }

  flush(): Promise<void> {
    const documents = this.#documents;
    this.#documents = [];
    this.#points = 0;
    this.#writing = this.#writing.then(() => this.#write(documents));
    return this.#writing;
  }

  async #write(documents: readonly IndexedDocument[]): Promise<void> {
    if (documents.length === 0) return;
    throwIfAborted(this.signal);
    const { target, known, tracker, vectors, wordsOnly } = this.request;
    await this.#finish((call) => this.parts.store.write(call, target, documents));
    for (const document of documents) {
      vectors?.wrote(target, document);
      tracker.counts[known.has(keyOf(document)) ? "changed" : "added"]++;
      tracker.wroteChunks(document.points.length);
      if (!wordsOnly) this.parts.onChunks?.(document.points.length);
      this.#sampleFrom(document);
    }
    tracker.tick();
  }

  /** The write goes on for a while when the job ends, so that the lease is not given back before it has ended. */
  async #finish(write: (call: Call) => Promise<void>): Promise<void> {
    const { call, abort, end } = branch(backgroundCall("a job ends, and its lease with it, after its last write"));
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => abort(abortReason(this.signal)), LAST_WRITE_WITHIN_MS);
    };
    this.signal.addEventListener("abort", onAbort, { once: true });
    try {
      await write(call);
    } finally {
      this.signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
      end();
    }
  }

  #sampleFrom(document: IndexedDocument): void {
    const point = document.points[Math.floor(Math.random() * document.points.length)];
    if (point === undefined) return;
    if (this.sample.length < SAMPLES) this.sample.push(point.id);
    else this.sample[Math.floor(Math.random() * SAMPLES)] = point.id;
  }
}
