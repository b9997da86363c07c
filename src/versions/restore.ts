/** A snapshot becomes a new version of its alias: verified as a re-index is, and served only when that is asked for. */
import { backgroundCall, type Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { fingerprintLabel, fitsSpec } from "../core/fingerprint.js";
import type { Embedder, VectorStore } from "../core/ports.js";
import type { CollectionSpec, DocumentKey, SnapshotInfo } from "../core/types.js";
import { recordServing } from "./history.js";
import { findSnapshot } from "./snapshot.js";
import { underLease } from "./under-lease.js";
import { verifyCollection } from "./verify.js";
import { newVersionName } from "./versions.js";

/** Documents of which one passage each has to find itself. */
const SAMPLES = 16;

export interface RestoreParts {
  readonly store: VectorStore;
  readonly embedder: Embedder;
  readonly analyser: string;
}

export interface Restored {
  readonly alias: string;
  /** The version that was made. */
  readonly version: string;
  readonly serving: boolean;
  /** What served before, when the new version took its place. */
  readonly previous?: string | undefined;
  readonly documents: number;
  readonly points: number;
}

/**
 * What fails verification is dropped again.
 * @throws AppError `not_found`, `conflict` while another process writes, `mismatch` when what the configured model cannot
 *   search is to be served, `store_down` when it does not pass
 */
export async function restoreSnapshot(
  call: Call,
  parts: RestoreParts,
  snapshot: string,
  options: { readonly serve: boolean },
): Promise<Restored> {
  const info = await findSnapshot(call, parts.store, snapshot);
  const { spec, documents, points } = info;
  const alias = call.access.collection(spec.alias);
  if (options.serve) await assertSearchable(call, parts, info);
  return underLease(call, parts.store, alias, async (held, store) => {
    const current = options.serve ? await store.describe(held, alias) : undefined;
    const version = newVersionName(spec.alias);
    try {
      await store.restore(held, snapshot, version);
      const sample = await sampleOf(held, store, version);
      await verifyCollection(held, store, { alias, name: version, spec, documents, points, sample });
    } catch (error) {
      const cleaning = backgroundCall("what a failed restore has left is removed though its caller is gone");
      await store.drop(cleaning, version).catch(() => undefined);
      throw error;
    }
    const made = { alias: spec.alias, version, documents, points };
    if (!options.serve) return { ...made, serving: false };
    const { previous } = await store.repoint(held, alias, version, { from: current?.name ?? null });
    await recordServing(held, store, spec.alias, { version, previous, why: "restore" });
    return { ...made, serving: true, previous };
  });
}

async function assertSearchable(
  call: Call,
  { embedder, analyser }: RestoreParts,
  { name, spec }: SnapshotInfo,
): Promise<void> {
  const ours: Omit<CollectionSpec, "alias"> = { fingerprint: await embedder.fingerprint(call), analyser };
  if (fitsSpec(spec, ours)) return;
  throw new AppError(
    "mismatch",
    `Snapshot "${name}" was made with ${fingerprintLabel(spec.fingerprint)}, the server uses ${fingerprintLabel(ours.fingerprint)}.`,
    { remedy: "Restore it without serving it, or configure its model first." },
  );
}

/** Ids of one passage of each of some documents, all documents equally likely. */
async function sampleOf(call: Call, store: VectorStore, collection: string): Promise<string[]> {
  const drawn: DocumentKey[] = [];
  let seen = 0;
  for await (const document of store.documents(call, collection)) {
    const place = seen < SAMPLES ? seen : Math.floor(Math.random() * (seen + 1));
    if (place < SAMPLES) drawn[place] = document;
    seen++;
  }
  const ids: string[] = [];
  for (const { source, document } of drawn) {
    const passages: string[] = [];
    for await (const { id } of store.scroll(call, collection, { source, document })) passages.push(id);
    const id = passages[Math.floor(Math.random() * passages.length)];
    if (id !== undefined) ids.push(id);
  }
  return ids;
}
