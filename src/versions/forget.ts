/** Forgetting: a source or a document leaves every version of a collection, its snapshots, and the store's files. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { MOST_LISTED_CHARS } from "../core/job.js";
import { nothingToForget } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import { sanitizeLine } from "../core/sanitize.js";
import { forgetInJobs } from "./forget-jobs.js";
import { type ForgetPlan, lookAround, named, type Surroundings, type VersionPart } from "./forget-plan.js";
import { forgetInSnapshot, isCopy } from "./forget-snapshots.js";
import { removeTarget } from "./forget-version.js";
import { underLease } from "./under-lease.js";
import { dropEvaluations } from "./versions.js";

export interface ForgetRequest {
  /** Of a source (or its id or location), or of a document: `<source>/<path>`, or its path where only one source has it. */
  readonly name: string;
  /** Takes it out of the collection's snapshots too. */
  readonly snapshots: boolean;
}

/** What was taken out; `snapshots` are those that still may hold it. */
export interface Forgot extends ForgetPlan {
  /** Snapshots that held it, each with the one that took its place. */
  readonly rewritten: readonly { readonly name: string; readonly replacedBy: string }[];
  /** `left_to_server`: the server cleans its own files, in its own time. */
  readonly files: "cleaned" | "left_to_server";
}

type Step = (message: string) => void;

/**
 * Whoever is killed in the middle calls again: what is left goes then, and the files are cleaned also where nothing of
 * the name is left.
 * @throws AppError `not_found`, `bad_request` with the candidates, `conflict` naming who writes: nothing is changed then
 */
export async function forget(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  request: ForgetRequest,
): Promise<Forgot> {
  // A name that is none is not leased: some stores keep a trace of every lease.
  if ((await store.describe(call, alias)) === undefined) await lookAround(call, store, alias, request.name);
  return underLease(call, store, alias, async (held, own) => {
    const around = await withoutCopies(held, own, await lookAround(held, own, alias, request.name));
    const step = steps(held, around, request);
    await dropEvaluations(held, store, alias, around.evaluations);
    const versions = await forgetInVersions(held, own, around, step);
    const inSnapshots = await forgetInSnapshots(held, own, { alias, around, request, step });
    for (const { name } of around.versions) {
      step(`in no answer any more; cleaning the files of ${name}`);
      await store.scrub(held, name);
    }
    const isCleaned = await store.scrub(held);
    step("done");
    if (around.target === undefined && inSnapshots.rewritten.length === 0) {
      throw nothingToForget(request.name, { ...around, snapshots: inSnapshots.snapshots });
    }
    const { target, ...rest } = around;
    return { ...rest, ...named(target), versions, ...inSnapshots, files: isCleaned ? "cleaned" : "left_to_server" };
  });
}

/** What one that was killed has left of snapshots. */
async function withoutCopies(call: Call, store: VectorStore, around: Surroundings): Promise<Surroundings> {
  for (const { name } of around.versions.filter(isCopy)) await store.drop(call, name);
  return { ...around, versions: around.versions.filter((version) => !isCopy(version)) };
}

async function forgetInVersions(
  call: Call,
  store: VectorStore,
  { collection, target, versions }: Surroundings,
  step: Step,
): Promise<VersionPart[]> {
  if (target === undefined) return [];
  const names = new Set<string>();
  const parts: VersionPart[] = [];
  for (const version of versions) {
    step(`forgetting in ${version.name}`);
    const removed = (await removeTarget(call, store, version, target)) ?? [];
    for (const name of removed) names.add(sanitizeLine(name, MOST_LISTED_CHARS));
    parts.push({ name: version.name, serving: version.serving, documents: removed.length });
  }
  const source = target.document === undefined ? target.from : undefined;
  if (target.document !== undefined) names.add(sanitizeLine(target.document, MOST_LISTED_CHARS));
  await forgetInJobs(call, store, { collection, names, source });
  return parts;
}

interface InSnapshots {
  readonly alias: CollectionPass;
  readonly around: Surroundings;
  readonly request: ForgetRequest;
  readonly step: Step;
}

async function forgetInSnapshots(
  call: Call,
  store: VectorStore,
  { alias, around: { target, snapshots }, request, step }: InSnapshots,
): Promise<Pick<Forgot, "snapshots" | "rewritten">> {
  if (!request.snapshots) return { snapshots: snapshots.map(({ name }) => name), rewritten: [] };
  const rewritten: { name: string; replacedBy: string }[] = [];
  const unread: string[] = [];
  for (const snapshot of snapshots) {
    step(`looking into snapshot ${snapshot.name}`);
    try {
      const replacedBy = await forgetInSnapshot(call, store, alias, { snapshot, name: request.name, target });
      if (replacedBy !== undefined) rewritten.push({ name: snapshot.name, replacedBy });
    } catch (error) {
      // One that is damaged keeps nobody from cleaning the others.
      if (!(error instanceof AppError) || (error.code !== "store_down" && error.code !== "mismatch")) throw error;
      unread.push(snapshot.name);
    }
  }
  return { snapshots: unread, rewritten };
}

/** Reports each step with how many there are in all. */
function steps(call: Call, { target, versions, snapshots }: Surroundings, request: ForgetRequest): Step {
  const total = versions.length * (target === undefined ? 1 : 2) + (request.snapshots ? snapshots.length : 0);
  let done = 0;
  return (message) => call.onProgress?.({ done: done++, total, message });
}
