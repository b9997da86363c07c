/** The pipeline on the real store in a temporary folder, with pseudo-embeddings that are counted and sources in memory. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ctx, createCtx } from "#src/core/context.js";
import type { Job } from "#src/core/job.js";
import type { Embedder, Source, SourceItem, VectorStore } from "#src/core/ports.js";
import { packTokens } from "#src/core/token-vectors.js";
import type { Metadata, ParsedDocument } from "#src/core/types.js";
import { createPseudoEmbedder } from "#src/embed/pseudo.js";
import { type ReindexParts, type ReindexRequest, startReindex } from "#src/reindex/reindex.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { type RetrieveParts, type RetrieveRequest, retrieve } from "#src/retrieve/retrieve.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { ANALYSER_VERSION } from "#src/text/analyser.js";

export const ALIAS = "docs";

export interface MemoryDocument {
  readonly text: string;
  readonly metadata?: Metadata;
}
/** Document id → text, an item that is skipped or failed, or a document that its parser refuses. */
export type Memory = Record<
  string,
  string | MemoryDocument | { kind: "skipped" | "failed"; reason: string } | { refused: string }
>;

function parse(text: string): ParsedDocument {
  return {
    text,
    blocks: [{ start: 0, end: text.length, headings: [], kind: "prose" }],
    lines: { offsets: Uint32Array.of(0), numbers: Uint32Array.of(1) },
  };
}

function memorySource(name: string, documents: Memory, version = "1"): Source {
  return {
    name,
    version,
    count: async () => Object.keys(documents).length,
    async *read(signal): AsyncGenerator<SourceItem> {
      for (const [id, given] of Object.entries(documents)) {
        signal.throwIfAborted();
        if (typeof given !== "string" && "kind" in given) {
          yield { kind: given.kind, document: id, reason: given.reason };
          continue;
        }
        if (typeof given !== "string" && "refused" in given) {
          const { refused: reason } = given;
          const document = { source: name, document: id, hash: reason, metadata: {}, parse: async () => ({ reason }) };
          yield { kind: "document", document };
          continue;
        }
        const { text, metadata = {} } = typeof given === "string" ? { text: given } : given;
        const hash = createHash("sha256")
          .update(`${text}${JSON.stringify(metadata)}`)
          .digest("hex");
        yield {
          kind: "document",
          document: { source: name, document: id, hash, metadata, parse: async () => parse(text) },
        };
      }
    },
  };
}

export class Bench {
  readonly sources = new Map<string, Memory>();
  /** Texts embedded as passages since the last reset. */
  embedded: string[] = [];
  /** Called after each passage that was embedded. */
  onEmbed: (text: string) => void | Promise<void> = () => undefined;

  private constructor(
    readonly folder: string,
    readonly store: VectorStore,
    public embedder: Embedder,
  ) {}

  static async open(): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), "aura-pipeline-"));
    const bench = new Bench(
      folder,
      createSqliteStore({ folder: join(folder, "store"), vectorMemoryMb: 64 }),
      createPseudoEmbedder(),
    );
    bench.useModel("1");
    return bench;
  }

  /** The same arithmetic under another fingerprint, as another model would have. */
  useModel(sha256: string): void {
    const pseudo = createPseudoEmbedder();
    this.embedder = {
      ...pseudo,
      fingerprint: async () => ({
        ...(await pseudo.fingerprint()),
        model: `test/model-${sha256}`,
        sha256: sha256.repeat(64),
      }),
      embed: async (texts, role, signal) => {
        const vectors = await pseudo.embed(texts, role, signal);
        if (role === "passage") {
          for (const text of texts) {
            this.embedded.push(text);
            await this.onEmbed(text);
          }
        }
        return vectors;
      },
    };
  }

  /** The model has token vectors from now on: of each passage as many as it has characters. */
  useTokens(changed: (packed: Uint8Array) => Uint8Array = (packed) => packed): void {
    const { embedder } = this;
    this.embedder = {
      ...embedder,
      embedTokens: async (texts, role, signal) => {
        const vectors = await embedder.embed(texts, role, signal);
        return vectors.map((vector, i) => {
          const tokens = packTokens(new Float32Array(2 * (texts[i] as string).length), 2);
          return { vector, tokens: changed(tokens) };
        });
      },
    };
  }

  parts(store: VectorStore = this.store): ReindexParts {
    return {
      embedder: this.embedder,
      store,
      analyser: ANALYSER_VERSION,
      ask: async (query, collection, topK) => {
        const { passages } = await this.retrieve({ query, collection, topK });
        return passages.map(({ point }) => point.record.document);
      },
      openSource: async (location) => memorySource(location, this.sources.get(location) ?? {}),
    };
  }

  start(request: Partial<ReindexRequest> = {}, options: { signal?: AbortSignal; store?: VectorStore } = {}) {
    return startReindex(
      this.parts(options.store),
      { source: "notes", collection: ALIAS, mode: "incremental", dryRun: false, ...request },
      { signal: options.signal ?? new AbortController().signal, trusted: true },
    );
  }

  /** Brings the source to `documents` and indexes it. */
  index(documents: Memory, request: Partial<ReindexRequest> = {}): Promise<Job> {
    this.sources.set(request.source ?? "notes", documents);
    return this.start(request).done;
  }

  ctx(signal: AbortSignal = new AbortController().signal): Ctx {
    return createCtx({ signal });
  }

  retrieve(
    request: Partial<RetrieveRequest> & { query: string },
    ctx: Ctx = this.ctx(),
    parts: Partial<RetrieveParts> = {},
  ) {
    const { embedder, store } = this;
    const whole = { embedder, store, analyser: ANALYSER_VERSION, candidates: 100, ranking: RANKING_PARAMS, ...parts };
    return retrieve(whole, { collection: ALIAS, topK: 10, mode: "hybrid", ...request }, ctx);
  }

  async documents(name = ALIAS): Promise<string[]> {
    const found: string[] = [];
    for await (const { source, document } of this.store.documents(name)) found.push(`${source}/${document}`);
    return found.sort();
  }

  async serving(): Promise<string | undefined> {
    return (await this.store.describe(ALIAS))?.name;
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** `count` documents, each about something else. */
export function manyDocuments(count: number, prefix = "topic"): Memory {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${prefix}-${String(i).padStart(3, "0")}`,
      `About ${prefix}${i} and nothing else.`,
    ]),
  );
}
