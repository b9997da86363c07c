/** Where the questions are asked: an index of the evaluation's for each model, or the user's collection where it fits the model. */
import { createHash } from "node:crypto";
import type { App } from "../app/app.js";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError, abortReason } from "../core/errors.js";
import type { EmbedderChoice, RetrievalProfile } from "../core/profile.js";
import type { CollectionInfo } from "../core/types.js";
import type { Dataset } from "./dataset.js";

export interface IndexOptions {
  readonly dataset: Dataset;
  readonly profile: RetrievalProfile;
  /** The user's own, when the dataset has no corpus. */
  readonly collection: string;
  readonly onProgress: (message: string) => void;
  readonly onWarning: (warning: string) => void;
  /** By name, the versions that this run has brought up to date. */
  readonly indexed: Map<string, CollectionPass>;
}

type Asked = Pick<App, "describe" | "live" | "reindex" | "retrieve">;

/** What is asked, brought up to date; what did not change is not embedded again. An index of ours never serves. */
export async function openCollection(call: Call, app: Asked, options: IndexOptions): Promise<CollectionPass> {
  const { dataset, collection, profile, indexed } = options;
  const own = call.access.collection(collection);
  if (dataset.corpus === undefined && (await fitsModel(call, app, own, profile))) return own;
  const { name, source } = dataset.corpus ?? { name: collection, source: `collection:${collection}` };
  const alias = collectionName(name, placeOf(source, profile.embedder), modelOf(app, profile.embedder));
  const version = indexed.get(alias) ?? (await index(call, app, { ...options, source, alias }));
  indexed.set(alias, version);
  return version;
}

/** Drops every index that evaluations have kept. @returns their names */
export async function dropEvaluationIndexes(call: Call, app: App): Promise<string[]> {
  const kept = (await app.collections(call)).filter(isEvaluation);
  for (const { name } of kept) await app.drop(call, call.access.collection(name));
  return kept.map(({ name }) => name);
}

function isEvaluation({ spec, serving }: CollectionInfo): boolean {
  return spec?.purpose === "evaluation" && !serving;
}

/**
 * Judged by the pipeline, which compares whole fingerprints: the same model on another device has other weights. A
 * collection that is absent, or external, is left to the calls that follow.
 * @throws AppError what keeps the model from answering at all
 */
async function fitsModel(
  call: Call,
  app: Asked,
  collection: CollectionPass,
  profile: RetrievalProfile,
): Promise<boolean> {
  const info = await app.describe(call, collection);
  if (info?.spec === undefined) return true;
  const probe: Call = { ...call, stages: [], degraded: [] };
  const byVectors = { mode: "dense", expand: false, rerank: false } as const;
  try {
    await app.retrieve(probe, { query: "probe", collection, topK: 1, profile, ...byVectors });
  } catch (error) {
    if (error instanceof AppError && error.code === "mismatch") return false;
    throw error;
  }
  return !probe.degraded.some(({ reason }) => reason === "stale_version");
}

/** The weights of a device are another model's: their vectors need an index of their own. */
function placeOf(source: string, embedder: EmbedderChoice): string {
  return embedder.kind === "onnx" && embedder.device === "cuda" ? `${source} on cuda` : source;
}

/** As fingerprints name it. */
function modelOf({ live }: Pick<App, "live">, embedder: EmbedderChoice): string {
  if (embedder.kind === "pseudo") return "pseudo";
  return live.models.embedders.find(({ folder }) => folder === embedder.model)?.id ?? embedder.model;
}

/** At most 64 characters; folders of one name differ by the hash of their place. */
export function collectionName(name: string, source: string, model: string): string {
  const slug = (text: string, length: number) => text.replace(/[^A-Za-z0-9_.-]+/g, "-").slice(0, length);
  const place = createHash("sha256").update(source).digest("hex").slice(0, 6);
  return `eval-${slug(name, 24)}-${place}-${slug(model.slice(model.lastIndexOf("/") + 1), 26)}`;
}

async function index(
  call: Call,
  app: Pick<App, "reindex">,
  { source, alias, profile, onProgress, onWarning }: IndexOptions & { readonly source: string; readonly alias: string },
): Promise<CollectionPass> {
  if (call.signal.aborted) throw abortReason(call.signal);
  const target = call.access.collection(alias);
  const reporting: Call = { ...call, onProgress: ({ message }) => onProgress(`indexing ${alias}: ${message}`) };
  const request = { source, target, profile, mode: "incremental", dryRun: false, purpose: "evaluation" } as const;
  const running = app.reindex(reporting, request);
  call.signal.addEventListener("abort", running.cancel, { once: true });
  try {
    const { skippedTotal, failedTotal, skipped, failed, target: version } = await running.done;
    const [example] = [...failed, ...skipped];
    const count = skippedTotal + failedTotal;
    if (example !== undefined) {
      onWarning(`documents that are not in ${alias}: ${count}, for example ${example.document}: ${example.reason}`);
    }
    if (version !== undefined) return target.reaching(version, "an evaluation asks the version that it has built");
    throw new AppError("bug", `The index ${alias} was built, but has no name.`, { remedy: "Report it." });
  } finally {
    call.signal.removeEventListener("abort", running.cancel);
  }
}
