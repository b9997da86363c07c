/** Records of jobs without the names of what was forgotten. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Call } from "../core/call.js";
import type { Job } from "../core/job.js";
import type { VectorStore } from "../core/ports.js";
import { isFileUrl } from "../core/sources.js";
import type { SourceInfo } from "../core/types.js";

const LISTS = ["skipped", "failed", "shortened"] as const;

export interface ForgottenNames {
  /** The alias. */
  readonly collection: string;
  /** Of documents, as records of jobs have them. */
  readonly names: ReadonlySet<string>;
  /** Of which nothing is kept, names that were never indexed included. */
  readonly source?: SourceInfo | undefined;
}

/** Lists get shorter; their totals stay what they were. */
export async function forgetInJobs(call: Call, store: VectorStore, forgotten: ForgottenNames): Promise<void> {
  const isOurs = ({ collection }: Job) => collection === forgotten.collection;
  for (const job of await store.jobs(call, Number.MAX_SAFE_INTEGER, isOurs)) {
    const changed = withoutNames(job, forgotten);
    if (changed !== undefined) await store.recordJob(call, changed);
  }
}

/** Records of a collection's jobs name no document any more. */
export async function clearJobs(call: Call, store: VectorStore, collection: string): Promise<void> {
  for (const job of await store.jobs(call, Number.MAX_SAFE_INTEGER, (each) => each.collection === collection)) {
    const cleared = without(job, EVERYTHING);
    if (cleared !== undefined) await store.recordJob(call, cleared);
  }
}

/** What must not be told any more. */
interface Telling {
  isListed(document: string): boolean;
  isQuoted(message: string): boolean;
}

const EVERYTHING: Telling = { isListed: () => true, isQuoted: () => true };

/** undefined: it names nothing of it. */
function withoutNames(job: Job, { names, source }: ForgottenNames): Job | undefined {
  if (source !== undefined && mayHaveRead(job, source)) return without(job, EVERYTHING);
  return without(job, {
    isListed: (document) => names.has(document),
    isQuoted: (message) => [...names].some((name) => message.includes(name)),
  });
}

function without(job: Job, { isListed, isQuoted }: Telling): Job | undefined {
  const lists = LISTS.map((list) => [list, job[list]?.filter(({ document }) => !isListed(document))] as const);
  const error = job.error !== undefined && isQuoted(job.error.message) ? unsaid(job.error) : job.error;
  if (error === job.error && lists.every(([list, kept]) => kept?.length === job[list]?.length)) return undefined;
  return { ...job, ...Object.fromEntries(lists), error };
}

function unsaid({ code, remedy }: NonNullable<Job["error"]>): NonNullable<Job["error"]> {
  return { code, message: "The message named what was forgotten since.", remedy };
}

/** A job keeps the place as somebody wrote it: of one below another folder only the last name is known. */
function mayHaveRead({ source }: Job, { id, name, location }: SourceInfo): boolean {
  if ([id, name, location].includes(source)) return true;
  const last = basename(source);
  return last === "." || last === ".." || last === basename(isFileUrl(location) ? fileURLToPath(location) : location);
}
