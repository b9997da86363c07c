/** The version of an alias that answers for our model. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { fingerprintLabel, fitsSpec, hasVectorsOf } from "../core/fingerprint.js";
import { noCollection } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, DegradedReason, Fingerprint } from "../core/types.js";

const EARLIER_WORDS =
  "Another version of this program took the words from its passages; the next run of reindex takes them anew.";

export interface Serving {
  readonly collection: CollectionInfo;
  readonly degraded?: DegradedReason;
  /** What the reason leaves open. */
  readonly detail?: string;
  /** Why its vectors cannot be compared with the model's: only its lexical leg can be searched. */
  readonly lexicalOnly?: AppError;
}

/** The model that is to search: its fingerprint, or why it has none. */
export interface Searcher {
  readonly fingerprint: Fingerprint | AppError;
  readonly analyser: string;
}

/**
 * The collection that answers: the one the alias points at when it fits our model, else the newest complete version that
 * does (`stale_version`), else what serves, by its words alone.
 * @throws AppError `not_found` when nothing is indexed, `mismatch` when it has no words that we could search either
 */
export async function resolveServing(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  { fingerprint: ours, analyser }: Searcher,
): Promise<Serving> {
  const { name } = pass;
  const current = await store.describe(call, pass, { lately: true });
  // Who has neither model nor collection has to mend the model first: nothing is indexed without.
  if (current === undefined) throw ours instanceof AppError ? ours : noCollection(name);
  if (current.state === "damaged") throw damaged(name);
  const hasWords = current.spec?.analyser === analyser && current.unsearchable === undefined;
  if (ours instanceof AppError) {
    if (!hasWords) throw ours;
    return { collection: current, lexicalOnly: ours };
  }
  const fits = (info: CollectionInfo) => fitsSpec(info.spec, { fingerprint: ours, analyser });
  if (fits(current)) return { collection: current };
  if (looksAlike(current, ours)) {
    return { collection: current, degraded: "unverified_fingerprint" };
  }
  // Its vectors are ours; of its words most are read as they were.
  if (hasVectorsOf(current.spec, ours))
    return { collection: current, degraded: "stale_version", detail: EARLIER_WORDS };
  const versions = await store.versions(call, pass.reaching(current.alias, "an older version answers for its alias"));
  const retained = versions.find((info) => info.state === "ready" && fits(info));
  if (retained !== undefined) return { collection: retained, degraded: "stale_version" };
  const mismatch = new AppError("mismatch", `Collection "${name}" ${whyNot(current, ours)}.`, {
    remedy: `Re-embed it: call reindex with source "collection:${name}" and mode "full", or run: aura-retrieval index collection:${name} --collection ${name} --full`,
  });
  if (!hasWords) throw mismatch;
  return { collection: current, lexicalOnly: mismatch };
}

/** Whether our model may be asked of what something else made: nobody knows with which model. */
export function looksAlike({ spec, unsearchable, dimension }: CollectionInfo, ours: Fingerprint): boolean {
  return spec === undefined && unsearchable === undefined && dimension === ours.dimension;
}

function whyNot({ spec, dimension, unsearchable }: CollectionInfo, ours: Fingerprint): string {
  if (unsearchable !== undefined) return `cannot be searched: ${unsearchable}`;
  if (spec === undefined)
    return `has vectors of ${dimension} dimensions, those of ${fingerprintLabel(ours)} have ${ours.dimension}`;
  return `was built with ${fingerprintLabel(spec.fingerprint)}, the server uses ${fingerprintLabel(ours)}`;
}

function damaged(name: string): AppError {
  return new AppError("store_down", `The version of "${name}" that serves is damaged.`, {
    remedy: `Go back to the one before (aura-retrieval rollback ${name}), or build it again (reindex with mode full).`,
  });
}
