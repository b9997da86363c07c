/** A job as clients get it: nothing in it is longer, or other, than what may be shown. */
import type { Job } from "../../core/job.js";
import { sanitizeLine } from "../../core/sanitize.js";
import { snakeCase } from "../snake-case.js";
import { jobSchema, type PresentedJob } from "./schema.js";

export function presentJob(job: Job): PresentedJob {
  const list = (items: Job["skipped"]) =>
    items.map(({ document, reason }) => ({ document: sanitizeLine(document, 300), reason: sanitizeLine(reason) }));
  const shown = {
    ...job,
    source: sanitizeLine(job.source, 1_000),
    indexedAs: job.indexedAs && presentSource(job.indexedAs),
    skipped: list(job.skipped),
    skippedReasons: job.skippedReasons?.map((each) => ({ ...each, reason: sanitizeLine(each.reason) })),
    failed: list(job.failed),
    shortened: job.shortened && list(job.shortened),
  };
  return jobSchema.parse(snakeCase(shown));
}

function presentSource({ name, movedFrom, tookOver }: NonNullable<Job["indexedAs"]>): NonNullable<Job["indexedAs"]> {
  return {
    name: sanitizeLine(name),
    movedFrom: movedFrom && sanitizeLine(movedFrom, 1_000),
    tookOver: tookOver?.map((source) => sanitizeLine(source)),
  };
}
