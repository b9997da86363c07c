/** The `reindex` tool. */
import type { App } from "../../app/app.js";
import { abortReason } from "../../core/errors.js";
import type { Job } from "../../core/job.js";
import type { Tool } from "../operation.js";
import { presentJob } from "./present.js";
import { renderJob } from "./render.js";
import { input, output } from "./schema.js";

/** Hosts stop waiting for a call at 60 s, some earlier: a longer job hands back its id. */
const ANSWER_WITHIN_MS = 25_000;

type Services = Pick<App, "live" | "reindex">;
/** What only an operator may ask. */
export type OperatorOptions = Pick<Parameters<App["reindex"]>[1], "snapshot" | "golden" | "takeName">;

export function reindexOperation(operator: OperatorOptions = {}): Tool<Services, typeof input, typeof output> {
  return {
    name: "reindex",
    title: "Index documents",
    description:
      "Brings the collection in line with a folder or file: new and changed documents are embedded, deleted ones removed, unchanged ones not " +
      'touched, so calling it again is cheap. mode "full" builds a new version, verifies it and switches in one step. ' +
      "Reads only folders the operator allowed (RETRIEVAL_ROOTS). Answers within 25 seconds; a longer job goes on and `health` reports on its id.",
    input,
    output,
    span: { settings: ["collection", "source", "mode", "dry_run", "wait"] },
    typed: { source: "<source>" },
    readOnly: false,
    deadline: false,
    async run(call, app, { source, collection, mode, dry_run, wait }) {
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
    },
  };
}
