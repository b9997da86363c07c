/** The parts that one state of the configuration uses, each made when a call first needs it. */
import type { BootConfig } from "../config/boot.js";
import type { Embedder, Expander, Reranker, VectorStore } from "../core/ports.js";
import type { EmbedderChoice, RerankerChoice } from "../core/profile.js";
import { createEmbedder } from "../embed/index.js";
import type { Catalog, CatalogEmbedder } from "../models/catalog.js";
import type { ModelFiles } from "../models/model-files.js";
import { createReranker } from "../rerank/index.js";
import type { RetrievalEngine, SomeExpansion, SomeReranking } from "../retrieve/engine.js";
import { RANKING_PARAMS } from "../retrieve/ranking/ranking-params.js";
import type { Metrics } from "../telemetry/metrics.js";
import { READING } from "../text/reading.js";
import { createExpander } from "./expander.js";
import { measuredEmbedder, measuredExpander, measuredReranker } from "./instrument.js";
import type { SharedParts } from "./shared-parts.js";

export interface SessionOptions {
  readonly boot: BootConfig;
  readonly metrics: Metrics;
  readonly store: VectorStore;
  readonly parts: SharedParts;
  readonly files: ModelFiles;
  readonly models: Catalog;
}

interface MeasuredEmbedder {
  readonly bare: Embedder;
  readonly measured: Embedder;
  close(): Promise<void>;
}

export class Session implements RetrievalEngine {
  readonly store: VectorStore;
  readonly analyser = READING.analyser;
  readonly ranking = RANKING_PARAMS;
  readonly exactTerms = READING.exactTerms;
  readonly phrases = READING.phrases;
  readonly isEnglish = READING.isEnglish;
  readonly #options: SessionOptions;
  /** By the key of the shared part. */
  readonly #held = new Map<string, unknown>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.store = options.store;
  }

  embedder(choice: EmbedderChoice): Embedder {
    return this.#embedder(choice).measured;
  }

  expander(choice: SomeExpansion): Expander {
    const { boot, metrics } = this.#options;
    return this.#part({ expander: choice }, () => measuredExpander(createExpander(choice, boot.packageRoot), metrics));
  }

  reranker(choice: SomeReranking, embedder: EmbedderChoice): Reranker {
    const { boot, files, metrics, models } = this.#options;
    const model = rerankerOf(choice);
    // What a reranker embeds is part of its own time.
    const { bare } = this.#embedder(embedder);
    return this.#part({ reranker: model, embedder, own: this.#own(embedder) }, () => {
      const reranker = createReranker(model, {
        embedder: bare,
        models: models.crossEncoders,
        files,
        inference: boot.inference,
        onRestart: () => metrics.add("inference_restarts_total", {}),
        onCacheHit: () => metrics.add("cache_hits_total", { cache: "rerank_score" }),
      });
      return measuredReranker(reranker, metrics);
    });
  }

  /** The same parts over another view of the store. */
  over(store: VectorStore): RetrievalEngine {
    return {
      store,
      ...READING,
      ranking: this.ranking,
      embedder: (choice) => this.embedder(choice),
      expander: (choice) => this.expander(choice),
      reranker: (choice, embedder) => this.reranker(choice, embedder),
    };
  }

  /** Lets go of the parts; those that no other session holds are closed. */
  close(): void {
    for (const key of this.#held.keys()) this.#options.parts.release(key);
    this.#held.clear();
  }

  #embedder(choice: EmbedderChoice): MeasuredEmbedder {
    const { boot, files, metrics, models } = this.#options;
    return this.#part({ embedder: choice, own: this.#own(choice) }, () => {
      const bare = createEmbedder(choice, {
        models: models.embedders,
        files,
        inference: boot.inference,
        onBatch: (texts) => metrics.observe("embedding_batch_size", {}, texts),
        onRestart: () => metrics.add("inference_restarts_total", {}),
        onCacheHit: () => metrics.add("cache_hits_total", { cache: "query_vector" }),
      });
      return { bare, measured: measuredEmbedder(bare, metrics), close: () => bare.close() };
    });
  }

  /** A user's own model as its manifest has it: part of the key, since its folder stays when the manifest changes. */
  #own(choice: EmbedderChoice): CatalogEmbedder | undefined {
    if (choice.kind === "pseudo") return undefined;
    return this.#options.models.embedders.find(({ folder }) => folder === choice.model);
  }

  #part<P extends object>(choice: object, make: () => P): P {
    const key = JSON.stringify(choice);
    const held = this.#held.get(key) as P | undefined;
    if (held !== undefined) return held;
    const part = this.#options.parts.acquire(key, make);
    this.#held.set(key, part);
    return part;
  }
}

/** Without what is the call's: how many passages are scored, for how long, and which are left out. */
function rerankerOf(choice: SomeReranking): RerankerChoice {
  if (choice.kind === "late-interaction") return { kind: choice.kind };
  const { kind, model, device } = choice;
  return { kind, model, device };
}
