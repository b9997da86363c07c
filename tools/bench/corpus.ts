/** Text and vectors for the measurements, the same on every run. Vectors are random: no quality figure comes from them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Fingerprint, IndexedDocument, Leg } from "../../src/core/types.js";
import { normalize } from "../../src/core/vector.js";

export const ROOT = resolve(import.meta.dirname, "../../..");
const PASSAGES_IN_DOCUMENT = 10;
const SENTENCES_IN_PASSAGE = 7;
/** Vectors lie around this many directions, as those of real text do. */
const CLUSTERS = 200;

/** mulberry32: small, fast, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sentences of the handbook in `examples/`. */
function sentences(): string[] {
  const folder = join(ROOT, "examples");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .sort()
    .flatMap((path) => readFileSync(join(folder, path), "utf8").split(/(?<=[.!?])\s+/))
    .map((sentence) => sentence.replace(/\s+/g, " ").trim())
    .filter((sentence) => sentence.length > 40 && sentence.length < 240);
}

export class Corpus {
  readonly #sentences = sentences();
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = random(seed);
  }

  /** About 150 tokens. */
  passage(): string {
    return Array.from({ length: SENTENCES_IN_PASSAGE }, () => this.#sentence()).join(" ");
  }

  /** A few words of one sentence: rarely asked twice. */
  query(): string {
    const words = this.#sentence().split(" ");
    const start = Math.floor(this.#random() * Math.max(1, words.length - 10));
    return words.slice(start, start + 10).join(" ");
  }

  /** A folder of Markdown with about `chunks` chunks. */
  writeFolder(folder: string, chunks: number): void {
    for (let i = 0; i < chunks / PASSAGES_IN_DOCUMENT; i++) {
      const sections = Array.from(
        { length: PASSAGES_IN_DOCUMENT },
        (_, j) => `## Section ${i}.${j}\n\n${this.passage()}`,
      );
      const below = join(folder, String(i % 100));
      mkdirSync(below, { recursive: true });
      writeFileSync(join(below, `page-${i}.md`), `# Page ${i}\n\n${sections.join("\n\n")}\n`);
    }
  }

  /** Documents of ten points with clustered random vectors; one document in ten has `kind: "rare"`. */
  *documents(chunks: number, dimension: number): Generator<IndexedDocument> {
    const centres = Array.from({ length: CLUSTERS }, () => this.#vector(dimension));
    for (let i = 0; i < chunks / PASSAGES_IN_DOCUMENT; i++) {
      yield {
        source: "bench",
        document: `document-${i}`,
        hash: String(i),
        chunker: "1",
        metadata: { kind: i % 10 === 0 ? "rare" : "common" },
        points: Array.from({ length: PASSAGES_IN_DOCUMENT }, (_, ordinal) => {
          const text = this.passage();
          return {
            id: `00000000-0000-8000-8000-${(i * PASSAGES_IN_DOCUMENT + ordinal).toString(16).padStart(12, "0")}`,
            ordinal,
            text,
            embedText: text,
            headings: [],
            lines: { first: 1, last: 1 },
            start: 0,
            end: text.length,
            vector: this.#near(centres[i % CLUSTERS] as Float32Array),
          };
        }),
      };
    }
  }

  /** A question as a hybrid search asks it. */
  legs(dimension: number): Leg[] {
    return [
      { kind: "dense", vector: this.vector(dimension) },
      { kind: "lexical", text: this.query() },
    ];
  }

  vector(dimension: number): Float32Array {
    return this.#vector(dimension);
  }

  #sentence(): string {
    return this.#sentences[Math.floor(this.#random() * this.#sentences.length)] as string;
  }

  #vector(dimension: number): Float32Array {
    return normalize(Float32Array.from({ length: dimension }, () => this.#random() - 0.5));
  }

  #near(centre: Float32Array): Float32Array {
    return normalize(centre.map((value) => value + (this.#random() - 0.5) * 0.06));
  }
}

/** Of a collection that no model made. */
export function syntheticFingerprint(dimension: number): Fingerprint {
  return {
    model: "synthetic",
    sha256: "0".repeat(64),
    dimension,
    pooling: "mean",
    queryPrefix: "",
    passagePrefix: "",
    maxTokens: 256,
    normalized: true,
  };
}
