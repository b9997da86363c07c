/** Keeps a source's documents fresh: each burst of changes is one incremental run. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError, toAppError } from "../core/errors.js";
import type { Job } from "../core/job.js";
import type { OpenSource } from "../core/ports.js";
import { Refresher } from "../reindex/refresh.js";
import type { ReindexRequest } from "../reindex/reindex.js";
import type { OwnFiles } from "../source/own-files.js";
import { type Watching, watchSource } from "../source/watch.js";

export interface WatchRequest {
  /** A folder or a file. */
  readonly source: string;
  readonly collection: CollectionPass;
  readonly onJob: (job: Job) => void;
  /** A run that failed; the next change tries again. */
  readonly onError: (error: AppError) => void;
}

export interface WatchParts {
  readonly openSource: OpenSource;
  /** The server's own, never watched. */
  readonly own: OwnFiles;
  reindex(call: Call, request: ReindexRequest): { readonly done: Promise<Job> };
}

/** Runs once at once, and after every change. @throws AppError `bad_request`, `not_found` */
export async function watch(call: Call, parts: WatchParts, request: WatchRequest): Promise<Watching> {
  const { source, collection: target, onJob, onError } = request;
  if (source.startsWith("collection:")) {
    throw new AppError("bad_request", "A collection cannot be watched.", { remedy: "Name a folder or a file." });
  }
  const { name } = await parts.openSource(call, source);
  let held = 0;
  const refresher = new Refresher(async () => {
    try {
      const request = { source, target, mode: "incremental", dryRun: false, waitsItsTurn: true } as const;
      const job = await parts.reindex(call, request).done;
      onJob(job);
      const before = held;
      held = job.documents.held ?? 0;
      // What is gone may be on its way: into another folder that is watched, or back.
      if (held > before) refresher.changed();
    } catch (error) {
      const failure = toAppError(error);
      if (failure.code !== "cancelled") onError(failure);
      // The lease was taken away: what was to be written is to be written all the same.
      if (failure.code === "conflict" && failure.retryAfterMs !== undefined) refresher.changed();
    }
  });
  const watching = await watchSource(name, parts.own, {
    onChange: () => refresher.changed(),
    onError: (error) => onError(toAppError(error)),
  });
  refresher.changed();
  return {
    async close() {
      const ended = refresher.close(); // at once: no run begins from now on
      await watching.close();
      await ended;
    },
  };
}
