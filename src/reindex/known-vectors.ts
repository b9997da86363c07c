/** Vectors that are there already: a text that a collection holds is not embedded again for another place. */
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import type { DocumentKey, DocumentRecord, Embedding, StoredPoint } from "../core/types.js";
import { vectorProblem } from "../core/vector.js";
import { keyOf } from "./document-keys.js";
import type { InputDocument, Loaded } from "./input.js";

/** Documents of one title that are looked through: an edited copy is among them, unless the title is everybody's. */
const MOST_RELATIVES = 4;

interface Place extends DocumentKey {
  readonly collection: string;
}

/** Documents of collections whose vectors are of the same model. They are read one at a time, when they are asked for. */
export class KnownVectors {
  readonly #store: VectorStore;
  readonly #byKey = new Map<string, Place>();
  readonly #byHash = new Map<string, Place>();
  readonly #byName = new Map<string, Place[]>();

  constructor(store: VectorStore) {
    this.#store = store;
  }

  /** A document of the same content finds it; others of its title do not: in a first run each would look in vain. */
  wrote(collection: string, { source, document, hash }: Pick<DocumentRecord, "source" | "document" | "hash">): Place {
    const place = { collection, source, document };
    this.#byHash.set(hash, place);
    return place;
  }

  /** What is learned later is asked first. */
  learn(collection: string, record: Pick<DocumentRecord, "source" | "document" | "hash" | "title">): void {
    const place = this.wrote(collection, record);
    this.#byKey.set(keyOf(record), place);
    const name = nameOf(record);
    const relatives = this.#byName.get(name);
    if (relatives === undefined) this.#byName.set(name, [place]);
    else if (relatives.length < MOST_RELATIVES) relatives.push(place);
  }

  /** Of all documents of a collection, as far as they can be read. */
  async learnFrom(call: Call, collection: string): Promise<void> {
    await unlessDamaged(async () => {
      for await (const record of this.#store.documents(call, collection)) this.learn(collection, record);
    });
  }

  /** The document with the vectors of those of its passages that are known, whatever chunker made them. */
  async addTo(call: Call, document: InputDocument, loaded: Loaded): Promise<Loaded> {
    const missing = new Set(
      loaded.chunks.flatMap(({ vector, embedText }) => (vector === undefined ? [embedText] : [])),
    );
    const found = new Map<string, Partial<Embedding>>();
    for (const place of this.#likely({ ...document, title: loaded.title })) {
      if (missing.size === 0) break;
      await unlessDamaged(async () => {
        for await (const { embedText, vector, tokens } of this.#pointsOf(call, place)) {
          const isSound = vector !== undefined && vectorProblem(vector, vector.length) === undefined;
          if (isSound && missing.delete(embedText)) found.set(embedText, { vector, tokens });
        }
      });
    }
    return {
      ...loaded,
      chunks: loaded.chunks.map((chunk) =>
        chunk.vector === undefined ? { ...chunk, ...found.get(chunk.embedText) } : chunk,
      ),
    };
  }

  #pointsOf(call: Call, { collection, source, document }: Place): AsyncIterable<StoredPoint> {
    return this.#store.scroll(call, collection, { source, document }, { vectors: true, tokens: true });
  }

  /** Its earlier version, one of the same content, then those of its title: no other has passages that begin like its own. */
  #likely(record: Omit<DocumentRecord, "metadata">): Set<Place> {
    const [own, twin] = [this.#byKey.get(keyOf(record)), this.#byHash.get(record.hash)];
    const relatives = this.#byName.get(nameOf(record)) ?? [];
    return new Set([own, twin, ...relatives].filter((place) => place !== undefined));
  }
}

/** What cannot be read is embedded anew: a full run is what mends it. A store that is down says so when it is written to. */
async function unlessDamaged(read: () => Promise<void>): Promise<void> {
  await read().catch((error: unknown) => {
    if (!(error instanceof AppError && error.code === "store_down")) throw error;
  });
}

/** What passages are embedded with in front of them; of a document without a title its file's name says as much. */
function nameOf({ title, document }: Pick<DocumentRecord, "document" | "title">): string {
  return title ?? document.slice(document.lastIndexOf("/"));
}
