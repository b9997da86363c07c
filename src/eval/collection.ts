/** Where the questions are asked: a collection of their own for each model, or the user's where it has the model. */
import { createHash } from "node:crypto";
import type { App } from "../app/app.js";
import { abortReason } from "../core/errors.js";
import type { Dataset } from "./dataset.js";

export interface IndexOptions {
  readonly dataset: Dataset;
  /** The user's own, when the dataset has no corpus. */
  readonly collection: string;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string) => void;
  readonly onWarning: (warning: string) => void;
  /** Names of collections that this run has brought up to date. */
  readonly indexed: Set<string>;
}

/** The collection to ask, brought up to date; what did not change is not embedded again. */
export async function openCollection(app: App, options: IndexOptions): Promise<string> {
  const { dataset, collection } = options;
  if (dataset.corpus === undefined && (await fitsModel(app, collection))) return collection;
  const { name, source } = dataset.corpus ?? { name: collection, source: `collection:${collection}` };
  const target = collectionName(name, source, modelOf(app));
  if (!options.indexed.has(target)) {
    await index(app, source, target, options);
    options.indexed.add(target);
  }
  return target;
}

/** Stated by the version that serves. One that is absent, or foreign, is left to the pipeline to judge. */
async function fitsModel(app: App, collection: string): Promise<boolean> {
  const info = (await app.collections()).find(({ alias, serving }) => serving && alias === collection);
  return info?.spec === undefined || info.spec.fingerprint.model === modelOf(app);
}

function modelOf(app: App): string {
  return app.config.embedder?.id ?? "pseudo";
}

/** At most 64 characters; folders of one name differ by the hash of their place. */
export function collectionName(name: string, source: string, model: string): string {
  const slug = (text: string, length: number) => text.replace(/[^A-Za-z0-9_.-]+/g, "-").slice(0, length);
  const place = createHash("sha256").update(source).digest("hex").slice(0, 6);
  return `eval-${slug(name, 24)}-${place}-${slug(model.slice(model.lastIndexOf("/") + 1), 26)}`;
}

async function index(app: App, source: string, collection: string, options: IndexOptions): Promise<void> {
  const { signal, onProgress, onWarning } = options;
  if (signal.aborted) throw abortReason(signal);
  const running = app.reindex(
    { source, collection, mode: "incremental", dryRun: false },
    { trusted: true, onProgress: ({ message }) => onProgress(`indexing ${collection}: ${message}`) },
  );
  signal.addEventListener("abort", running.cancel, { once: true });
  try {
    const { skippedTotal, failedTotal, skipped, failed } = await running.done;
    const [example] = [...failed, ...skipped];
    if (example === undefined) return;
    const count = skippedTotal + failedTotal;
    onWarning(`documents that are not in ${collection}: ${count}, for example ${example.document}: ${example.reason}`);
  } finally {
    signal.removeEventListener("abort", running.cancel);
  }
}
