/** A re-index as it is reported: by `reindex`, in `health`, in the store. */

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";
export type JobPhase =
  | "waiting"
  | "reading"
  | "indexing"
  | "pruning"
  | "embedding"
  | "verifying"
  | "switching"
  | "finished";

/** Of a document's name, and of a reason, in a job's lists. */
export const MOST_LISTED_CHARS = 300;

export interface SkippedDocument {
  readonly document: string;
  readonly reason: string;
}

/** A question whose answer is known: one of the documents must be among the first `top` passages. */
export interface GoldenQuestion {
  readonly question: string;
  readonly documents: readonly string[];
  readonly top: number;
}

export function isUnderWay({ state }: Pick<Job, "state">): boolean {
  return state === "queued" || state === "running";
}

export interface SkippedReason {
  readonly reason: string;
  readonly documents: number;
}

/** State of one re-index, as `reindex` returns and `health` reports it. */
export interface Job {
  readonly id: string;
  /** The alias that serves what is built. */
  readonly collection: string;
  /** The name that was asked for, where something else made a collection of that name. */
  readonly insteadOf?: string;
  readonly source: string;
  /** The source that the documents belong to, once that is known; absent where a collection is read. */
  readonly indexedAs?: {
    readonly name: string;
    /** Where it lay before, if it has moved. */
    readonly movedFrom?: string;
    /** Names of the sources that are part of it now. */
    readonly tookOver?: readonly string[];
  };
  /** Where the source lies, a `file://` URL; absent before it was found, and where it is no file. */
  readonly place?: string;
  readonly mode: "incremental" | "full";
  readonly state: JobState;
  readonly phase: JobPhase;
  readonly dryRun: boolean;
  readonly documents: {
    readonly seen: number;
    readonly added: number;
    readonly changed: number;
    readonly unchanged: number;
    readonly removed: number;
    /** Gone, and not removed: they would have been more than half of their source. */
    readonly held?: number;
    /** Documents to read in all, when the source knows. */
    readonly total?: number;
    /** Where words come first: documents that have their vectors too. */
    readonly embedded?: number;
  };
  /** Chunks written by this job. */
  readonly chunks: number;
  readonly skipped: readonly SkippedDocument[];
  readonly skippedTotal: number;
  /** Of all that were skipped, the most frequent reason first; absent on a job of an older version. */
  readonly skippedReasons?: readonly SkippedReason[];
  readonly failed: readonly SkippedDocument[];
  readonly failedTotal: number;
  /** Documents that were indexed without all of their title and metadata; absent on a job of an older version. */
  readonly shortened?: readonly SkippedDocument[];
  readonly shortenedTotal?: number;
  /** Points of the collection when the job ended. */
  readonly points?: number;
  readonly vectorSize?: number;
  /** Physical collection that serves after the job, and the one that served before. */
  readonly target?: string;
  readonly previousCollection?: string;
  /** Of a job that reads a collection: writes of others to it meanwhile, and how many documents they concerned. */
  readonly writes?: { readonly handled: "prevented" | "caught_up"; readonly documents: number };
  /** A plain collection gave the alias its name and is kept as `legacy`; nobody was served for `gapMs`. */
  readonly nameTaken?: { readonly legacy: string; readonly gapMs: number };
  /** Of the version that served before, when one was asked for. */
  readonly snapshot?: string;
  /** Why it stands still: it waits until the store answers again. */
  readonly outage?: string | undefined;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly elapsedMs: number;
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string };
  /** host:pid of the process that runs it. */
  readonly owner: string;
}
