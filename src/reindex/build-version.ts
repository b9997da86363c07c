/** Brings the collection that is built in line with the input, and with what other sources brought before. */
import { isDeepStrictEqual } from "node:util";
import { AppError } from "../core/errors.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import type { Job } from "../core/job.js";
import type { DocumentKey } from "../core/types.js";
import type { Build } from "./build.js";
import { keyOf, splitKey } from "./document-keys.js";
import { type Indexed, indexDocuments } from "./index-documents.js";
import { couldNotBeRead, goneFrom, knownDocuments, ownOf } from "./indexed-documents.js";
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
  const sources = await input.sources(call);
  // Before the documents whose addresses need them.
  if (!isDeepStrictEqual(sources, build.kept)) await store.keepSources(call, target, sources);
  const indexed =
    unchanged ?? (await indexDocuments(call, parts, { target, items: input.items(call), known, tracker }));
  const own = ownOf(known, input);
  if (indexed.present.size === 0 && !(await mayBeEmpty(build, own.length))) throw noDocument(input.name, tracker.job);

  tracker.phase("pruning");
  const { removed, renamed } = goneFrom(own, input, indexed);
  if (isLive) refuseLargePrune(removed.length, own.length);
  const gone = [...removed, ...renamed];
  await store.remove(call, target, gone.map(splitKey));
  tracker.counts.removed = removed.length;

  const carried = isLive ? undefined : await carryOver(build, indexed, known);
  const ours = new Set(own);
  // Of a build that goes on: what other sources had when it began, and have no more.
  const stale =
    carried === undefined ? [] : [...known.keys()].filter((key) => !ours.has(key) && !carried.present.has(key));
  await store.remove(call, target, stale.map(splitKey));

  const expected = new Set([...known.keys(), ...indexed.present, ...(carried?.present ?? [])]);
  for (const key of [...gone, ...stale]) expected.delete(key);
  for (const key of indexed.failed) if (!known.has(key) && !carried?.present.has(key)) expected.delete(key);
  const takenOver = input.takenOver().filter(({ id }) => ![...expected].some((key) => splitKey(key).source === id));
  if (takenOver.length > 0) {
    await store.keepSources(
      call,
      target,
      sources.filter((source) => !takenOver.includes(source)),
    );
  }
  tracker.placed(input.placement, takenOver);
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
  const { placement } = input;
  const mayOwn = (key: DocumentKey) =>
    input.owns(key) || placement?.inside.some(({ source }) => source.id === key.source) === true;
  if (![...known.keys()].some((key) => mayOwn(splitKey(key)))) return undefined;
  const reading = tracker.firstReading();
  const read = await indexDocuments(call, parts, {
    target,
    items: input.items(call),
    known,
    tracker: reading,
    dryRun: true,
  });
  const own = ownOf(known, input);
  const { removed, renamed } = goneFrom(own, input, read);
  if (read.present.size === 0 && isLeftOut(reading.job)) {
    tracker.adopt(reading);
    throw noDocument(input.name, tracker.job);
  }
  refuseLargePrune(removed.length, own.length);
  const { added, changed } = reading.counts;
  if (added + changed + renamed.length > 0) return undefined;
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
  const wanted = (record: DocumentKey) => !input.owns(record) || couldNotBeRead(keyOf(input.renamed(record)), failed);
  const others = async function* (): AsyncIterable<InputItem> {
    for await (const document of fromCollection(call, parts, current, { vectors, wanted }))
      yield { kind: "document", document };
  };
  // Who does not see all documents is not told how many others there are, nor what becomes of them.
  const counted = call.access.roots === undefined ? tracker : tracker.unreported();
  return indexDocuments(call, parts, { target, items: others(), known, tracker: counted });
}

/** A place that has lost its last document brings none; one of which nothing was known, or nothing can be read, is a mistake. */
async function mayBeEmpty({ call, parts, input, current, isLive, tracker }: Build, known: number): Promise<boolean> {
  if (tracker.job.failedTotal > 0) return false;
  if (isLive) return known > 0 && !isLeftOut(tracker.job);
  if (current === undefined || current.state === "damaged") return false;
  for await (const record of parts.store.documents(call, current.name)) if (input.owns(record)) return true;
  return false;
}

/** Whether there is something that could not be used. */
function isLeftOut({ skippedTotal, failedTotal }: Job): boolean {
  return skippedTotal + failedTotal > 0;
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
