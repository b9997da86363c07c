/** Fills a collection through the store's port. */
import { loadConfig } from "../../src/config/load.js";
import { Access } from "../../src/core/access.js";
import type { VectorStore } from "../../src/core/ports.js";
import { DEFAULT_PROFILE } from "../../src/core/profile.js";
import type { CollectionSpec, Fingerprint, IndexedDocument, Point } from "../../src/core/types.js";
import { ANALYSER_VERSION } from "../../src/text/analyser.js";
import { CALL } from "./call.js";
import { syntheticFingerprint } from "./corpus.js";

const DOCUMENTS_IN_BATCH = 50;
export const ALIAS = "my_docs";
/** The only one: the version that `ALIAS` names. */
export const COLLECTION = "bench-1";
export const passOf = (alias: string) => Access.full("a benchmark's own collection").collection(alias);
export const PASS = passOf(ALIAS);

interface Filling {
  readonly alias?: string;
  /** The version that `alias` names. */
  readonly collection?: string;
  readonly onPoint?: (point: Point) => void;
}

export async function fillStore(
  store: VectorStore,
  documents: Iterable<IndexedDocument>,
  dimensionOrFingerprint: number | Fingerprint,
  { alias = ALIAS, collection = COLLECTION, onPoint = () => undefined }: Filling = {},
): Promise<void> {
  const fingerprint =
    typeof dimensionOrFingerprint === "number" ? syntheticFingerprint(dimensionOrFingerprint) : dimensionOrFingerprint;
  const spec: CollectionSpec = { alias, analyser: ANALYSER_VERSION, fingerprint };
  await store.create(CALL, collection, spec);
  let batch: IndexedDocument[] = [];
  for (const document of documents) {
    for (const point of document.points) onPoint(point);
    batch.push(document);
    if (batch.length < DOCUMENTS_IN_BATCH) continue;
    await store.write(CALL, collection, batch);
    batch = [];
  }
  await store.write(CALL, collection, batch);
  await store.publish(CALL, passOf(alias), collection);
}

/** Of the bundled model, as the server stamps it. */
export function bundledFingerprint(): Fingerprint {
  const { profiles, models } = loadConfig({}).live;
  const choice = profiles.get(DEFAULT_PROFILE)?.embedder;
  const model = models.embedders.find(({ id }) => choice?.kind === "onnx" && id === choice.model);
  if (model === undefined) throw new Error("the bundled model is not configured");
  const { id, dimension, pooling, queryPrefix, passagePrefix, maxTokens, weights } = model;
  const { sha256 } = weights.cpu;
  return { model: id, sha256, dimension, pooling, queryPrefix, passagePrefix, maxTokens, normalized: true };
}
