/** Writes that others made to a collection while it was read. */
import type { Build } from "./build.js";
import { splitKey } from "./document-keys.js";
import { indexDocuments } from "./index-documents.js";
import { knownDocuments } from "./indexed-documents.js";
import { JobTracker } from "./job-tracker.js";
import { KnownVectors } from "./known-vectors.js";
import { holdBack, judgedBy, removeAll } from "./removals.js";

/** One who writes faster than we read is not waited for without end. */
const MAX_PASSES = 3;

export interface CaughtUp {
  /** By how many documents the target has grown; negative where it has shrunk. */
  readonly grown: number;
  /** Ids of some of the points written. */
  readonly sample: readonly string[];
}

/** Reads the input again, until nothing has changed since. @returns undefined: there was nothing to catch up */
export async function catchUp(build: Build): Promise<CaughtUp | undefined> {
  const { call, parts, input, target, live, tracker } = build;
  if (input.writes === undefined) return undefined;
  const { store } = parts;
  let documents = tracker.job.writes?.documents ?? 0;
  let grown = 0;
  let sample: readonly string[] = [];
  let more = input.writes === "caught_up";
  for (let pass = 0; more && pass < MAX_PASSES; pass++) {
    const vectors = new KnownVectors(store);
    const known = await knownDocuments(call, store, target, { vectors });
    // Counts of its own: the job's are those of the first pass.
    const { collection, source, mode } = tracker.job;
    const again = new JobTracker({ collection, source, mode, dryRun: true }, store);
    const indexed = await indexDocuments(call, parts, {
      target,
      items: input.items(call),
      known,
      tracker: again,
      vectors,
    });
    const judged = await judgedBy(build, known);
    const { removed: gone } = live ? holdBack(judged, indexed) : removeAll(judged, indexed);
    await store.remove(call, target, gone.map(splitKey));
    const { added, changed } = again.counts;
    documents += added + changed + gone.length;
    grown += added - gone.length;
    more = added + changed + gone.length > 0;
    if (more) sample = indexed.sample;
  }
  const before = tracker.job.writes?.documents ?? 0;
  tracker.set({ writes: { handled: input.writes, documents } });
  return documents === before ? undefined : { grown, sample };
}
