/** Which version of an alias serves our model. */
import { AppError } from "../core/errors.js";
import { fingerprintLabel, fitsSpec } from "../core/fingerprint.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, DegradedReason, Fingerprint } from "../core/types.js";

export interface Serving {
  readonly collection: CollectionInfo;
  readonly degraded?: DegradedReason;
}

/**
 * The collection that answers for `name`: the one the alias points at when it fits our model, else the newest complete
 * version that does (`stale_version`).
 * @throws AppError `not_found` when nothing is indexed, `mismatch` when no version fits
 */
export async function resolveServing(
  store: VectorStore,
  name: string,
  ours: Fingerprint,
  analyser: string,
  signal?: AbortSignal,
): Promise<Serving> {
  const current = await store.describe(name, signal);
  if (current === undefined) {
    throw new AppError("not_found", `There is no collection "${name}".`, {
      remedy: `Index documents into it first: call reindex, or run: aura-retrieval index <folder> --collection ${name}`,
    });
  }
  if (current.state === "damaged") throw damaged(name);
  const fits = (info: CollectionInfo) => fitsSpec(info.spec, { fingerprint: ours, analyser });
  if (fits(current)) return { collection: current };
  if (looksAlike(current, ours)) {
    return { collection: current, degraded: "unverified_fingerprint" };
  }
  const retained = (await store.list(current.alias)).find((info) => info.state === "ready" && fits(info));
  if (retained !== undefined) return { collection: retained, degraded: "stale_version" };
  throw new AppError("mismatch", `Collection "${name}" ${whyNot(current, ours)}.`, {
    remedy: `Re-embed it: call reindex with source "collection:${name}" and mode "full", or run: aura-retrieval index collection:${name} --collection ${name} --full`,
  });
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
