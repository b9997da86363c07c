/** What is being indexed, and what never was: so that nobody takes a part of the documents for all of them. */
import { pathToFileURL } from "node:url";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { isUnderWay, type Job } from "../core/job.js";
import type { VectorStore } from "../core/ports.js";
import { wayDown } from "../core/sources.js";
import type { CollectionInfo, SourceInfo } from "../core/types.js";
import { visibleJobs } from "../reindex/visible-jobs.js";

/** Looked through for those that run; beyond them nothing runs. */
const LATEST_JOBS = 10;

/** A run that is not at its end: what it reads may not be found yet. */
export interface Indexing {
  readonly source: string;
  /** 0 to 100; absent where nobody knows how many documents there are. */
  readonly percent?: number | undefined;
  /** That are found: by words at least. */
  readonly documents: number;
}

export function indexingOf(jobs: readonly Job[], collection: string): Indexing[] {
  const underWay = jobs.filter((job) => job.collection === collection && !job.dryRun && isUnderWay(job));
  return underWay.map(({ source, documents }) => {
    const { added, changed, unchanged, total, embedded } = documents;
    const found = added + changed + unchanged;
    const done = embedded ?? found;
    return { source, documents: found, percent: total ? Math.min(99, Math.floor((100 * done) / total)) : undefined };
  });
}

/** Folders that clients may index of which nothing is there. @param roots as configured @param realPath where one lies now */
export async function unindexed(
  roots: readonly string[],
  sources: readonly SourceInfo[],
  realPath: (root: string) => Promise<string>,
): Promise<string[]> {
  const missing: string[] = [];
  for (const root of roots) {
    const place = pathToFileURL(await realPath(root)).href;
    const isThere = sources.some(
      ({ location }) => wayDown(location, place) !== undefined || wayDown(place, location) !== undefined,
    );
    if (!isThere) missing.push(root);
  }
  return missing;
}

export interface Absence {
  /** Folders that clients may index. */
  readonly roots: readonly string[];
  /** Of this process. */
  readonly jobs: readonly Job[];
  /** The collection that calls mean which name none. */
  readonly usual: string;
}

/** @param jobs of this process */
export async function indexingNow(
  call: Call,
  store: VectorStore,
  { alias, state }: Pick<CollectionInfo, "alias" | "state">,
  jobs: readonly Job[],
): Promise<Indexing[]> {
  // Another process may make its vectors.
  if (state === "embedding") return indexingOf(await withRecorded(call, store, alias, jobs), alias);
  return jobs.length === 0 ? [] : indexingOf(jobs.filter(await visibleJobs(call)), alias);
}

/** Those that the caller may know of, with the latest of other processes. */
async function withRecorded(
  call: Call,
  store: VectorStore,
  collection: string,
  jobs: readonly Job[],
): Promise<readonly Job[]> {
  const isShown = await visibleJobs(call);
  const own = jobs.filter(isShown);
  const recorded = await store.jobs(call, LATEST_JOBS, (job) => job.collection === collection && isShown(job));
  return [...own, ...recorded.filter(({ id }) => own.every((job) => job.id !== id))];
}

/** What is under way, or what would index it; undefined where something serves under that name. */
export async function explainAbsence(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  { roots, jobs, usual }: Absence,
): Promise<AppError | undefined> {
  const { name } = pass;
  if ((await store.describe(call, pass)) !== undefined) return undefined;
  const [first] = indexingOf(await withRecorded(call, store, name, jobs), name);
  if (first !== undefined) {
    const { source, percent, documents } = first;
    const far = percent === undefined ? `${documents} documents` : `${percent} %`;
    return new AppError("not_found", `Collection "${name}" is being built: ${far} of ${source} so far.`, {
      remedy: "Ask again when it is ready; `health` follows the job.",
    });
  }
  const [root] = roots;
  if (root === undefined) return undefined;
  const input = JSON.stringify({ source: root, collection: name === usual ? undefined : name });
  const others = roots.length === 1 ? "" : ` (it may read ${roots.map((each) => JSON.stringify(each)).join(", ")})`;
  return new AppError("not_found", `There is no collection "${name}": nothing has been indexed into it yet.`, {
    remedy: `Call reindex with ${input}${others}, or run: aura-retrieval index <folder> --collection ${name}`,
  });
}
