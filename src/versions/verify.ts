/** Checks a collection before an alias points at it. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, CollectionSpec, StoredPoint } from "../core/types.js";
import { isZero, vectorProblem } from "../core/vector.js";

/** A stored vector finds itself at cosine 1; arithmetic in float32 leaves this much. */
const SELF_COSINE = 0.999;
const SELF_RANK = 10;

/** What a version must be to serve. */
export interface ExpectedVersion {
  readonly alias: CollectionPass;
  readonly name: string;
  readonly spec: CollectionSpec;
  readonly documents: number;
  readonly points?: number | undefined;
  /** Ids of points that must find themselves. */
  readonly sample: readonly string[];
}

/**
 * Number of documents (and passages, where it is known), vector size, fingerprint, and sampled points that find themselves on both legs.
 * @throws AppError `store_down` that says what is wrong; the alias stays where it was
 */
export async function verifyCollection(
  call: Call,
  store: VectorStore,
  { name: collection, ...expected }: ExpectedVersion,
): Promise<CollectionInfo> {
  const pass = expected.alias.reaching(collection, "a version of the alias is verified");
  const info = await store.describe(call, pass, { exact: true });
  if (info === undefined) throw failed(collection, "it is gone");
  const { spec } = expected;
  if (info.documents !== expected.documents) {
    throw failed(collection, `it holds ${info.documents} documents instead of ${expected.documents}`);
  }
  if (expected.points !== undefined && info.points !== expected.points) {
    throw failed(collection, `it holds ${info.points} passages instead of ${expected.points}`);
  }
  if (info.dimension !== spec.fingerprint.dimension)
    throw failed(collection, `its vectors have ${info.dimension} dimensions`);
  if (!hasVectorsOf(info.spec, spec.fingerprint)) {
    throw failed(collection, "its fingerprint is not the model's");
  }
  const points = await store.read(call, collection, expected.sample, { vectors: true });
  if (points.length !== expected.sample.length) throw failed(collection, "points that were written cannot be read");
  await Promise.all(points.map((point) => findsItself(call, store, info, point)));
  return info;
}

async function findsItself(call: Call, store: VectorStore, info: CollectionInfo, point: StoredPoint): Promise<void> {
  const vector = point.vector as Float32Array;
  const problem = vectorProblem(vector, info.dimension);
  if (problem !== undefined) throw failed(info.name, `the vector of ${point.id} ${problem}`);
  if (isZero(vector)) return; // as near to any other: nothing could be found by it
  const legs = [{ kind: "dense", vector } as const, { kind: "lexical", text: point.embedText } as const];
  // The filter keeps copies of the passage in other documents from taking its place.
  const filter = { source: point.record.source, document: point.record.document };
  const found = await store.search(call, info.name, legs, { limit: SELF_RANK, filter });
  const own = found.find((candidate) => candidate.id === point.id);
  const copy = found.find((candidate) => (candidate.scores[0] ?? 0) >= SELF_COSINE);
  if (own === undefined && copy === undefined) throw failed(info.name, `point ${point.id} does not find itself`);
  if (own !== undefined && (own.scores[0] ?? 0) < SELF_COSINE)
    throw failed(info.name, `point ${point.id} does not match its own vector`);
}

function failed(collection: string, what: string): AppError {
  return new AppError("store_down", `Collection ${collection} did not pass verification: ${what}.`, {
    remedy: "The alias serves what it served before; run reindex with mode full.",
  });
}
