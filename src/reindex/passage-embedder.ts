/** Passages of many documents through the embedder, a slice at a time. */
import type { Call } from "../core/call.js";
import type { Embedder } from "../core/ports.js";
import type { Embedding } from "../core/types.js";

/** Texts embedded in one call; progress is told between two. */
const SLICE = 256;
/** Of documents with more texts one is embedded at a time: its vectors wait in memory until all are there. */
const LARGE = 1_000;

export class PassageEmbedder {
  readonly #embedder: Embedder;
  readonly #onEmbedded: (texts: number) => void;
  readonly #call: Call;
  #lastLarge: Promise<unknown> = Promise.resolve();

  /** @param onEmbedded after each slice */
  constructor(call: Call, embedder: Embedder, onEmbedded: (texts: number) => void) {
    this.#embedder = embedder;
    this.#onEmbedded = onEmbedded;
    this.#call = call;
  }

  /** With token vectors where the model has them. @param texts of one document */
  embed(texts: readonly string[]): Promise<readonly Embedding[]> {
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
