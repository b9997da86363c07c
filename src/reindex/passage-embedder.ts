/** Passages of many documents through the embedder, a slice at a time, equal ones once. */
import type { Call } from "../core/call.js";
import type { Embedder } from "../core/ports.js";
import { areCurrentTokens } from "../core/token-vectors.js";
import type { Embedding } from "../core/types.js";
import type { LoadedChunk } from "./input.js";

/** Texts embedded in one call; progress is told between two. */
const SLICE = 256;
/** Of documents with more texts one is embedded at a time: its vectors wait in memory until all are there. */
const LARGE = 1_000;
/** Texts whose embeddings are kept for equal ones that follow: more than wait to be written. */
const RECENT = 2_048;

export class PassageEmbedder {
  readonly #embedder: Embedder;
  readonly #onEmbedded: (chunks: number) => void;
  readonly #call: Call;
  readonly #recent = new Map<string, Promise<Embedding>>();
  #lastLarge: Promise<unknown> = Promise.resolve();

  /** @param onEmbedded after each slice, and of chunks that came with what the model makes of them */
  constructor(call: Call, embedder: Embedder, onEmbedded: (chunks: number) => void) {
    this.#embedder = embedder;
    this.#onEmbedded = onEmbedded;
    this.#call = call;
  }

  /** One for each chunk, with token vectors where the model has them. @param chunks of one document */
  async embed(chunks: readonly LoadedChunk[]): Promise<Embedding[]> {
    const missing = chunks.filter((chunk) => !this.#isEmbedded(chunk));
    const before = new Map(missing.map(({ embedText }) => [embedText, this.#recent.get(embedText)]));
    const fresh = [...before].flatMap(([text, embedding]) => (embedding === undefined ? [text] : []));
    this.#onEmbedded(chunks.length - fresh.length);
    const embedded = this.#embedTexts(fresh);
    const made = new Map(fresh.map((text, i) => [text, embedded.then((all) => all[i] as Embedding)]));
    for (const [text, embedding] of made) this.#remember(text, embedding);
    const embeddingOf = (chunk: LoadedChunk) =>
      this.#isEmbedded(chunk) ? chunk : (before.get(chunk.embedText) ?? made.get(chunk.embedText));
    return Promise.all(chunks.map((chunk) => embeddingOf(chunk) as Embedding | Promise<Embedding>));
  }

  #remember(text: string, embedding: Promise<Embedding>): void {
    embedding.catch(() => undefined); // told to those who wait for it
    this.#recent.set(text, embedding);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > RECENT) this.#recent.delete(oldest as string);
  }

  /** Whether nothing is left for the model to do: a chunk of an earlier version may lack its token vectors, or have old ones. */
  #isEmbedded({ vector, tokens }: LoadedChunk): boolean {
    const hasTokens = tokens !== undefined && areCurrentTokens(tokens);
    return vector !== undefined && (hasTokens || this.#embedder.embedTokens === undefined);
  }

  #embedTexts(texts: readonly string[]): Promise<readonly Embedding[]> {
    if (texts.length <= LARGE) return this.#inSlices(texts);
    const embedded = this.#lastLarge.then(() => this.#inSlices(texts));
    this.#lastLarge = embedded.catch(() => undefined);
    return embedded;
  }

  async #inSlices(texts: readonly string[]): Promise<readonly Embedding[]> {
    const embeddings: Embedding[] = [];
    for (let from = 0; from < texts.length; from += SLICE) {
      const slice = texts.slice(from, from + SLICE);
      for (const embedding of await this.#slice(slice)) embeddings.push(embedding);
      this.#onEmbedded(slice.length);
    }
    return embeddings;
  }

  async #slice(texts: readonly string[]): Promise<readonly Embedding[]> {
    if (this.#embedder.embedTokens !== undefined) return this.#embedder.embedTokens(this.#call, texts, "passage");
    const vectors = await this.#embedder.embed(this.#call, texts, "passage");
    return vectors.map((vector) => ({ vector }));
  }
}
