/** A call of `reindex`, from its input to the job as it is by then. Loaded by the first call. */
import type { z } from "zod";
import type { App } from "../../app/app.js";
import type { Call } from "../../core/call.js";
import { AppError, abortReason } from "../../core/errors.js";
import { isUnderWay, type Job } from "../../core/job.js";
import type { Outcome } from "../operation.js";
import { presentJob } from "./present.js";
import { renderJob } from "./render.js";
import type { input, output } from "./schema.js";

/** Hosts stop waiting for a call at 60 s, some earlier: a longer job hands back its id. */
const ANSWER_WITHIN_MS = 25_000;

export type ReindexServices = Pick<App, "live" | "reindex" | "cancelJob">;
/** What only an operator may ask. */
export type OperatorOptions = Pick<Parameters<App["reindex"]>[1], "name" | "snapshot" | "golden" | "takeName">;

export async function run(
  call: Call,
  app: ReindexServices,
  { source, cancel, collection, mode, dry_run, wait }: z.output<typeof input>,
  operator: OperatorOptions,
): Promise<Outcome<z.output<typeof output>>> {
  if ((source === undefined) === (cancel === undefined)) {
    throw new AppError("bad_request", "reindex takes a source to index, or a job to cancel.", {
      remedy: 'Name a folder or file as "source", or the id of a job as "cancel".',
    });
  }
  if (cancel !== undefined) return cancelled(call, await app.cancelJob(call, cancel));
  return start(call, app, { source: source as string, collection, mode, dry_run, wait }, operator);
}

function cancelled(call: Call, job: Job): Outcome<z.output<typeof output>> {
  const text = isUnderWay(job) ? `Job ${job.id} was told to end; call health to see when it has.` : renderJob(job);
  return { value: { job: presentJob(job), trace_id: call.trace.traceId }, text };
}

async function start(
  call: Call,
  app: ReindexServices,
  { source, collection, mode, dry_run, wait }: Omit<z.output<typeof input>, "cancel"> & { readonly source: string },
  operator: OperatorOptions,
): Promise<Outcome<z.output<typeof output>>> {
  const target = call.access.collection(collection ?? app.live.collection);
  const running = app.reindex(call, { source, target, mode, dryRun: dry_run, ...operator });
  // The job belongs to the call until the call is answered; then it lives on its own.
  call.signal.addEventListener("abort", running.cancel, { once: true });
  let timer: NodeJS.Timeout | undefined;
  try {
    const later = new Promise<Job>((resolve) => {
      if (!wait) timer = setTimeout(() => resolve(running.tracker.job), ANSWER_WITHIN_MS);
    });
    const job = await Promise.race([running.done, later]);
    if (call.signal.aborted) throw abortReason(call.signal);
    return { value: { job: presentJob(job), trace_id: call.trace.traceId }, text: renderJob(job) };
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", running.cancel);
  }
}
