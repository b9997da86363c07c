/** Brings the collection that is built in line with the input, and with what other sources brought before. */
import { isDeepStrictEqual } from "node:util";
import { AppError } from "../core/errors.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import type { Job } from "../core/job.js";
import type { DocumentKey, SourceInfo } from "../core/types.js";
import type { Build } from "./build.js";
import { keyOf, splitKey } from "./document-keys.js";
import { type Indexed, indexDocuments } from "./index-documents.js";
import { couldNotBeRead, knownDocuments, ownOf } from "./indexed-documents.js";
import { fromCollection, type InputItem } from "./input.js";
import { KnownVectors } from "./known-vectors.js";
import { holdBack, type Judged, judgedBy, removeAll } from "./removals.js";

export interface Filled {
  /** How many documents the collection must hold now: counted from what was read, never from the store. */
  readonly documents: number;
  /** Ids of some of the points written. */
  readonly sample: readonly string[];
}

/** Indexes the input and prunes what its source no longer has; a new version gets other sources' documents too. */
export async function fill(build: Build): Promise<Filled> {
  const { call, parts, input, spec, target, live, current, tracker, wordsFirst } = build;
  const { store } = parts;
  if (wordsFirst) tracker.counts.embedded = 0;
  const vectors = wordsFirst ? undefined : new KnownVectors(store);
  if (!live && current?.state === "ready" && hasVectorsOf(current.spec, spec.fingerprint)) {
    await vectors?.learnFrom(call, current.name);
  }
  const known = await knownDocuments(call, store, target, { vectors, wordsOnly: wordsFirst });
  const total = await input.count(call);
  if (total !== undefined) tracker.counts.total = total;
  const judged = await judgedBy(build, known);
  const compared = live && (await compare(build, judged));
  tracker.phase("indexing");
  let kept = live?.sources;
  const keep = async (sources: readonly SourceInfo[]) => {
    if (isDeepStrictEqual(sources, kept)) return;
    await store.keepSources(call, target, sources);
    kept = sources;
  };
  // Before the documents whose addresses need them, and which would make what is held back look small.
  await keep(compared?.sources ?? judged.sources);
  const indexed =
    compared?.unchanged ??
    (await indexDocuments(call, parts, {
      target,
      items: input.items(call),
      known,
      tracker,
      vectors,
      wordsOnly: wordsFirst,
    }));
  const own = ownOf(known, input);
  if (indexed.present.size === 0 && !(await mayBeEmpty(build, own.length))) {
    // A place that brings nothing does not become a source.
    if (live?.sources) await keep(live.sources);
    throw noDocument(input.name, tracker.job);
  }

  tracker.phase("pruning");
  const { removed, renamed, held, sources } = live ? holdBack(judged, indexed) : removeAll(judged, indexed);
  const gone = [...removed, ...renamed];
  await store.remove(call, target, gone.map(splitKey));
  tracker.counts.removed = removed.length;
  if (held > 0) tracker.counts.held = held;

  const carried = live ? undefined : await carryOver(build, indexed, known);
  const ours = new Set(own);
  // Of a build that goes on: what other sources had when it began, and have no more.
  const stale =
    carried === undefined ? [] : [...known.keys()].filter((key) => !ours.has(key) && !carried.present.has(key));
  await store.remove(call, target, stale.map(splitKey));

  const expected = new Set([...known.keys(), ...indexed.present.keys(), ...(carried?.present.keys() ?? [])]);
  for (const key of [...gone, ...stale]) expected.delete(key);
  for (const key of indexed.failed) if (!known.has(key) && !carried?.present.has(key)) expected.delete(key);
  const takenOver = input.takenOver().filter(({ id }) => ![...expected].some((key) => splitKey(key).source === id));
  const left = sources.filter(({ id }) => takenOver.every((source) => source.id !== id));
  await keep(await asRead(build, left, known, indexed));
  tracker.placed(input.placement, takenOver);
  return { documents: expected.size, sample: [...indexed.sample, ...(carried?.sample ?? [])] };
}

/** Once what another branch has no more is gone: a run that is cut off before finds the switch again. */
async function asRead(
  { call, input: { placement } }: Build,
  sources: readonly SourceInfo[],
  known: ReadonlyMap<string, string>,
  { present }: Indexed,
): Promise<readonly SourceInfo[]> {
  if (placement === undefined) return sources;
  const { id, checkouts: before } = placement.source;
  const added = [...present.keys()].filter((key) => before === undefined || !known.has(key));
  const checkouts = await placement.checkouts.asRead(
    call,
    added.map((key) => splitKey(key).document),
  );
  const furniture = placement.furniture.known;
  const learned = { checkouts, ...(furniture && { furniture }) };
  return sources.map((source) => (source.id === id ? { ...source, ...learned } : source));
}

interface Compared {
  /** With what is to be held back. */
  readonly sources: readonly SourceInfo[];
  /** What was read, where nothing of it has to be written. */
  readonly unchanged?: Indexed | undefined;
}

/**
 * What a live version holds is compared with the input before anything is written, so that what is held back is known
 * however the run ends.
 * @returns undefined: nothing could be removed
 */
async function compare({ call, parts, target, tracker }: Build, judged: Judged): Promise<Compared | undefined> {
  const { input, known } = judged;
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
  const { renamed, sources } = holdBack(judged, read);
  const { added, changed } = reading.counts;
  if (added + changed + renamed.length > 0) return { sources };
  tracker.adopt(reading);
  return { sources, unchanged: read };
}

/** A new version keeps the documents of other sources, and of ours those that could not be read now. */
async function carryOver(
  { call, parts, input, spec, target, current, tracker }: Build,
  { failed }: Indexed,
  known: ReadonlyMap<string, string>,
): Promise<Pick<Indexed, "present" | "sample">> {
  if (current === undefined) return { present: new Map(), sample: [] };
  if (current.state === "damaged") {
    tracker.leaveOut(
      "failed",
      current.name,
      "the version that served is damaged: what other sources brought is lost, index them again",
    );
    return { present: new Map(), sample: [] };
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

/** A place that has lost its last document brings none; one of which nothing was known is a mistake, and a new version of nothing that can be read. */
async function mayBeEmpty({ call, parts, input, current, live, tracker }: Build, known: number): Promise<boolean> {
  if (live) return known > 0;
  if (tracker.job.failedTotal > 0) return false;
  if (current === undefined || current.state === "damaged") return false;
  for await (const record of parts.store.documents(call, current.name)) if (input.owns(record)) return true;
  return false;
}

export function noDocument(name: string, job: Job): AppError {
  const first = [...job.failed, ...job.skipped][0];
  const why =
    first === undefined
      ? "it is empty"
      : `${job.skippedTotal + job.failedTotal} left out, for example ${first.document}: ${first.reason}`;
  return new AppError("not_found", `No document was found in ${name}: ${why}.`, {
    remedy:
      "Name a folder or file with Markdown, text, source code, HTML, PDF, Office files, EPUB, notebooks, e-mail or JSONL; the collection was not changed.",
  });
}
