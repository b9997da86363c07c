/** Settings → a retrieval profile, its models held against the catalogue. */
import type { Device, EmbedderChoice, ExpansionChoice, RerankingChoice, RetrievalProfile } from "../core/profile.js";
import { type Catalog, type CatalogEmbedder, findModel } from "../models/catalog.js";
import { isModelFolder, readOwnModel } from "../models/own-model.js";
import type { Values } from "./settings.js";

/** The value of RERANK_MODEL that needs no further model. */
const LATE_INTERACTION = "late-interaction";

export interface CompiledProfile {
  readonly profile: RetrievalProfile;
  /** The embedding model's entry; undefined: pseudo-embeddings. */
  readonly model: CatalogEmbedder | undefined;
}

/** What compiling finds, one line each. */
export interface Findings {
  /** A model that is not there: the profile cannot be used. */
  problem(line: string): void;
  /** A setting that has no effect. */
  warn(line: string): void;
}

export function compileProfile(
  name: string,
  values: Values,
  catalog: Catalog,
  { problem, warn }: Findings,
): CompiledProfile {
  const model = embeddingModel(values.EMBEDDING_MODEL, catalog, problem);
  const profile: RetrievalProfile = {
    name,
    embedder: embedderChoice(model, values.EMBEDDING_DEVICE),
    legs: values.HYBRID_ENABLED ? "hybrid" : "dense",
    candidates: values.CANDIDATES,
    denseWeight: values.FUSION_DENSE_WEIGHT,
    expansion: expansionChoice(values),
    reranking: rerankingChoice(values, model, catalog, { problem, warn }),
  };
  return { profile, model };
}

function embeddingModel(
  name: string,
  { embedders }: Catalog,
  problem: (line: string) => void,
): CatalogEmbedder | undefined {
  if (name === "") return undefined;
  const found = isModelFolder(name) ? readOwnModel(name) : findModel(embedders, name);
  if (typeof found === "object") return found;
  const known = idsOf(embedders);
  problem(
    `EMBEDDING_MODEL=${name}: ${found ?? `unknown model; known: ${known}, a folder with an aura-model.json, or empty for pseudo-embeddings`}`,
  );
  return undefined;
}

/** A model is named by its folder where it is a user's own: two folders may hold models of one name. */
function embedderChoice(model: CatalogEmbedder | undefined, device: Device): EmbedderChoice {
  return model === undefined ? { kind: "pseudo" } : { kind: "onnx", model: model.folder ?? model.id, device };
}

function expansionChoice(values: Values): ExpansionChoice {
  if (!values.QUERY_EXPANSION_ENABLED) return { kind: "none" };
  return { kind: values.EXPANSION_STRATEGY, maxVariants: values.EXPANSION_MAX_VARIANTS };
}

/** Unset, late interaction re-ranks where embedder and index have token vectors: a few milliseconds and no model. */
function rerankingChoice(
  values: Values,
  embedder: CatalogEmbedder | undefined,
  { crossEncoders, embedders }: Catalog,
  { problem, warn }: Findings,
): RerankingChoice {
  const name = values.RERANK_MODEL;
  const model = findModel(crossEncoders, name);
  if (model === undefined && name !== LATE_INTERACTION) {
    problem(`RERANK_MODEL=${name}: unknown model; known: ${idsOf(crossEncoders)}, ${LATE_INTERACTION}`);
  }
  const limits = { topK: values.RERANK_TOP_K, budgetMs: values.RERANK_BUDGET_MS };
  const hasTokenVectors = embedder?.tokenProjection !== undefined;
  if (values.RERANK_ENABLED === undefined && hasTokenVectors) {
    return { kind: LATE_INTERACTION, absent: "skip", ...limits };
  }
  if (values.RERANK_ENABLED !== true) return { kind: "none" };
  if (model !== undefined) {
    return { kind: "cross-encoder", model: model.id, device: values.RERANK_DEVICE, ...limits };
  }
  if (hasTokenVectors) return { kind: LATE_INTERACTION, absent: "compute", ...limits };
  // Pseudo-embeddings are the way back from everything: they take re-ranking with them.
  if (embedder === undefined) warn(`RERANK_MODEL=${LATE_INTERACTION} is off: pseudo-embeddings have no token vectors`);
  else {
    const able = idsOf(embedders.filter(({ tokenProjection }) => tokenProjection !== undefined));
    problem(
      `RERANK_MODEL=${LATE_INTERACTION}: EMBEDDING_MODEL=${values.EMBEDDING_MODEL} has no token vectors; ${able} has, or name a cross-encoder`,
    );
  }
  return { kind: "none" };
}

function idsOf(models: readonly { readonly id: string }[]): string {
  return models.map(({ id }) => id).join(", ");
}
