/** The pipeline on the real store in a temporary folder, with pseudo-embeddings that are counted and sources in memory. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Call } from "#src/core/call.js";
import { throwIfAborted } from "#src/core/errors.js";
import type { Job } from "#src/core/job.js";
import type { Embedder, Source, SourceItem, VectorStore } from "#src/core/ports.js";
import type { RetrievalProfile } from "#src/core/profile.js";
import { packTokens } from "#src/core/token-vectors.js";
import type { Metadata, ParsedDocument } from "#src/core/types.js";
import { createPseudoEmbedder } from "#src/embed/pseudo.js";
import { type ReindexParts, type ReindexRequest, startReindex } from "#src/reindex/reindex.js";
import type { RetrievalEngine } from "#src/retrieve/engine.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { type RetrieveRequest, retrieve } from "#src/retrieve/retrieve.js";
import { ANALYSER_VERSION } from "#src/text/analyser.js";
import { READING } from "#src/text/reading.js";
import { passFor, testCall } from "./call.js";
import { createMemoryStore } from "./memory-store.js";
import { testProfile } from "./profile.js";

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

function parse(signal: AbortSignal, text: string): ParsedDocument {
  throwIfAborted(signal);
  return {
    text,
    blocks: [{ start: 0, end: text.length, headings: [], kind: "prose" }],
    lines: { offsets: Uint32Array.of(0), numbers: Uint32Array.of(1) },
  };
}

const refuse =
  (reason: string) =>
  async ({ signal }: Call) => {
    throwIfAborted(signal);
    return { reason };
  };

function memorySource(name: string, documents: Memory, { version = "1", id = name } = {}): Source {
  return {
    name,
    kind: "folder",
    version,
    of: async (_call, source) => memorySource(name, documents, { version, id: source.id }),
    count: async ({ signal }) => {
      throwIfAborted(signal);
      return Object.keys(documents).length;
    },
    async *read({ signal }): AsyncGenerator<SourceItem> {
      for (const [document, given] of Object.entries(documents)) {
        signal.throwIfAborted();
        if (typeof given !== "string" && "kind" in given) {
          yield { kind: given.kind, document, reason: given.reason };
          continue;
        }
        if (typeof given !== "string" && "refused" in given) {
          const { refused: reason } = given;
          const refused = { source: id, document, hash: reason, metadata: {}, parse: refuse(reason) };
          yield { kind: "document", document: refused };
          continue;
        }
        const { text, metadata = {} } = typeof given === "string" ? { text: given } : given;
        const hash = createHash("sha256")
          .update(`${text}${JSON.stringify(metadata)}`)
          .digest("hex");
        yield {
          kind: "document",
          document: {
            source: id,
            document,
            hash,
            metadata,
            parse: async ({ signal }: Call) => parse(signal, text),
          },
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

  /** @param storeIn closed with the bench; absent: in memory */
  static async open(storeIn: (folder: string) => VectorStore = createMemoryStore): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), "aura-pipeline-"));
    const bench = new Bench(folder, storeIn(folder), createPseudoEmbedder());
    bench.useModel("1");
    return bench;
  }

  /** The same arithmetic under another fingerprint, as another model would have. */
  useModel(sha256: string): void {
    const pseudo = createPseudoEmbedder();
    this.embedder = {
      ...pseudo,
      fingerprint: async (call) => ({
        ...(await pseudo.fingerprint(call)),
        model: `test/model-${sha256}`,
        sha256: sha256.repeat(64),
      }),
      embed: async (call, texts, role) => {
        const vectors = await pseudo.embed(call, texts, role);
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
      embedTokens: async (call, texts, role) => {
        const vectors = await embedder.embed(call, texts, role);
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
      ask: async (call, query, collection, topK) => {
        const { passages } = await this.retrieve({ query, collection, topK }, call);
        return passages.map(({ point }) => point.record.document);
      },
      isGone: async (location) => !this.sources.has(location),
      openSource: async (_call, location) => memorySource(location, this.sources.get(location) ?? {}),
    };
  }

  start(request: Partial<ReindexRequest> = {}, options: { signal?: AbortSignal; store?: VectorStore } = {}) {
    const whole = { source: "notes", target: passFor(ALIAS), mode: "incremental", dryRun: false, ...request } as const;
    return startReindex(testCall({ signal: options.signal }), this.parts(options.store), whole);
  }

  /** Brings the source to `documents` and indexes it. */
  index(documents: Memory, request: Partial<ReindexRequest> = {}): Promise<Job> {
    this.sources.set(request.source ?? "notes", documents);
    return this.start(request).done;
  }

  /** Its embedder, whatever a profile chooses, and no other part. */
  engine(): RetrievalEngine {
    const none = () => {
      throw new Error("this bench has no such part");
    };
    const { store } = this;
    return {
      store,
      ...READING,
      ranking: RANKING_PARAMS,
      embedder: () => this.embedder,
      expander: none,
      reranker: none,
    };
  }

  retrieve(
    request: Partial<RetrieveRequest> & { query: string },
    call: Call = testCall(),
    engine: Partial<RetrievalEngine> = {},
    profile: Partial<RetrievalProfile> = {},
  ) {
    return retrieve(call, { ...this.engine(), ...engine }, testProfile(profile), {
      collection: passFor(ALIAS),
      topK: 10,
      ...request,
    });
  }

  async documents(alias = ALIAS): Promise<string[]> {
    const info = await this.store.describe(testCall(), passFor(alias));
    const found: string[] = [];
    for await (const { source, document } of this.store.documents(testCall(), info?.name ?? alias))
      found.push(`${source}/${document}`);
    return found.sort();
  }

  async serving(): Promise<string | undefined> {
    return (await this.store.describe(testCall(), passFor(ALIAS)))?.name;
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
