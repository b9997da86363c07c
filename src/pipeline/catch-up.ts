/** Writes that others made to a collection while it was read. */
import { type IndexParts, indexDocuments } from "./index-documents.js";
import type { Input, InputParts } from "./inputs.js";
import { JobTracker } from "./job.js";
import { goneFrom, knownDocuments, splitKey } from "./known.js";

/** One who writes faster than we read is not waited for without end. */
const MAX_PASSES = 3;

/**
 * Reads the input again, until nothing has changed since. Nothing to do for what only we write.
 * @returns by how many documents the target has grown
 */
export async function catchUp(
  parts: IndexParts & InputParts,
  input: Input,
  target: string,
  tracker: JobTracker,
  signal: AbortSignal,
): Promise<number> {
  if (input.writes === undefined) return 0;
  const { store } = parts;
  let caughtUp = tracker.job.writes?.documents ?? 0;
  let grown = 0;
  for (let pass = 0; input.writes === "caught_up" && pass < MAX_PASSES; pass++) {
    const known = await knownDocuments(store, target, undefined);
    // Counts of its own: the job's are those of the first pass.
    const { collection, source, mode } = tracker.job;
    const again = new JobTracker({ collection, source, mode, dryRun: true }, store);
    const indexed = await indexDocuments(parts, target, input.items(signal), known, again, signal, false);
    const gone = goneFrom(known, indexed);
    await store.remove(target, gone.map(splitKey));
    const { added, changed } = again.counts;
    caughtUp += added + changed + gone.length;
    grown += added - gone.length;
    if (added + changed + gone.length === 0) break;
  }
  tracker.set({ writes: { handled: input.writes, documents: caughtUp } });
  return grown;
}
