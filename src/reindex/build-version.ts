/** Brings the collection that is built in line with the input, and with what other sources brought before. */
import { AppError } from "../core/errors.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import type { Job } from "../core/job.js";
import type { DocumentKey } from "../core/types.js";
import type { Build } from "./build.js";
import { type Indexed, indexDocuments, keyOf } from "./index-documents.js";
import { couldNotBeRead, goneFrom, knownDocuments, ownOf, splitKey } from "./indexed-documents.js";
import { fromCollection, type InputItem } from "./input.js";

/** An incremental run that would remove more than this share of its source is taken for a mistake. */
const MAX_PRUNED_SHARE = 0.5;

export interface Filled {
  /** How many documents the collection must hold now: counted from what was read, never from the store. */
  readonly documents: number;
  /** Ids of some of the points written. */
  readonly sample: readonly string[];
}

/** Indexes the input and prunes what its source no longer has; a new version gets other sources' documents too. */
export async function fill(build: Build): Promise<Filled> {
  const { call, parts, input, target, isLive, tracker } = build;
  const { store } = parts;
  const known = await knownDocuments(call, store, target);
  const total = await input.count(call);
  if (total !== undefined) tracker.counts.total = total;
  const unchanged = isLive ? await compare(build, known) : undefined;
  tracker.phase("indexing");
  const indexed =
    unchanged ?? (await indexDocuments(call, parts, { target, items: input.items(call), known, tracker }));
  if (indexed.present.size === 0) throw noDocument(input.name, tracker.job);

  tracker.phase("pruning");
  const own = ownOf(known, input);
  const gone = goneFrom(own, indexed);
  if (isLive) refuseLargePrune(gone.length, own.length);
  await store.remove(call, target, gone.map(splitKey));
  tracker.counts.removed = gone.length;

  const carried = isLive ? undefined : await carryOver(build, indexed, known);
  const ours = new Set(own);
  // Of a build that goes on: what other sources had when it began, and have no more.
  const stale =
    carried === undefined ? [] : [...known.keys()].filter((key) => !ours.has(key) && !carried.present.has(key));
  await store.remove(call, target, stale.map(splitKey));

  const expected = new Set([...known.keys(), ...indexed.present, ...(carried?.present ?? [])]);
  for (const key of [...gone, ...stale]) expected.delete(key);
  for (const key of indexed.failed) if (!known.has(key) && !carried?.present.has(key)) expected.delete(key);
  return { documents: expected.size, sample: [...indexed.sample, ...(carried?.sample ?? [])] };
}

/**
 * What a live version holds is compared with the input before anything is written, so that a run that is refused for it
 * changes nothing, and the same run again is refused again. What a parser will refuse is not known yet.
 * @returns undefined: there is something to write, or nothing that could be removed
 */
async function compare(
  { call, parts, input, target, tracker }: Build,
  known: ReadonlyMap<string, string>,
): Promise<Indexed | undefined> {
  const own = ownOf(known, input);
  if (own.length === 0) return undefined;
  const reading = tracker.firstReading();
  const read = await indexDocuments(call, parts, {
    target,
    items: input.items(call),
    known,
    tracker: reading,
    dryRun: true,
  });
  if (read.present.size > 0) refuseLargePrune(goneFrom(own, read).length, own.length);
  const { added, changed } = reading.counts;
  if (added + changed > 0) return undefined;
  tracker.adopt(reading);
  return read;
}

/** A new version keeps the documents of other sources, and of ours those that could not be read now. */
async function carryOver(
  { call, parts, input, spec, target, current, tracker }: Build,
  { failed }: Indexed,
  known: ReadonlyMap<string, string>,
): Promise<Pick<Indexed, "present" | "sample">> {
  if (current === undefined) return { present: new Set(), sample: [] };
  if (current.state === "damaged") {
    tracker.leaveOut(
      "failed",
      current.name,
      "the version that served is damaged: what other sources brought is lost, index them again",
    );
    return { present: new Set(), sample: [] };
  }
  const vectors = hasVectorsOf(current.spec, spec.fingerprint);
  const wanted = (record: DocumentKey) => !input.isOwn(record.source) || couldNotBeRead(keyOf(record), failed);
  const others = async function* (): AsyncIterable<InputItem> {
    for await (const document of fromCollection(call, parts, current, { vectors, wanted }))
      yield { kind: "document", document };
  };
  // Who does not see all documents is not told how many others there are, nor what becomes of them.
  const counted = call.access.roots === undefined ? tracker : tracker.unreported();
  return indexDocuments(call, parts, { target, items: others(), known, tracker: counted });
}

function refuseLargePrune(gone: number, known: number): void {
  if (gone <= known * MAX_PRUNED_SHARE) return;
  throw new AppError(
    "conflict",
    `${gone} of ${known} indexed documents are no longer in the source; nothing was removed.`,
    {
      remedy: "Check that the source is complete; if they are really gone, run reindex again with mode full.",
    },
  );
}

export function noDocument(name: string, job: Job): AppError {
  const first = [...job.failed, ...job.skipped][0];
  const why =
    first === undefined
      ? "it is empty"
      : `${job.skippedTotal + job.failedTotal} left out, for example ${first.document}: ${first.reason}`;
  return new AppError("not_found", `No document was found in ${name}: ${why}.`, {
    remedy:
      "Name a folder or file with Markdown, text, source code, HTML, PDF, DOCX or JSONL; the collection was not changed.",
  });
}
