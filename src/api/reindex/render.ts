/** A job as text. */
import { confirmation } from "../../core/held-removals.js";
import { isUnderWay, type Job } from "../../core/job.js";
import { oneLine, sanitizeLine } from "../../core/sanitize.js";

export function renderJob(job: Job): string {
  const { added, changed, unchanged, removed, held = 0 } = job.documents;
  const gone = held > 0 ? `${removed} removed, ${held} held back` : `${removed} removed`;
  const counts = `${added} added, ${changed} changed, ${unchanged} unchanged, ${gone}; ${job.chunks} chunks written`;
  const lines = [
    `Job ${job.id} ${job.state} (${job.phase}) on "${job.collection}" after ${(job.elapsedMs / 1000).toFixed(1)} s: ${counts}.`,
  ];
  if (job.dryRun) lines.push("Dry run: nothing was changed.");
  if (held > 0) {
    const remedy = confirmation(job.collection, job.place ?? job.source);
    lines.push(`${held} documents are gone, more than half of their source: they are not removed. ${remedy}`);
  }
  if (job.indexedAs !== undefined) {
    const { name, movedFrom, tookOver = [] } = job.indexedAs;
    if (movedFrom !== undefined) lines.push(`The source has moved here from ${movedFrom}; its name stays: ${name}.`);
    if (tookOver.length > 0) lines.push(`Part of the source ${name} now: ${tookOver.join(", ")}.`);
  }
  if (job.insteadOf !== undefined) {
    lines.push(
      `Something else made "${job.insteadOf}", which stays as it is: set QDRANT_COLLECTION=${job.collection} to serve this one, or run it again on the command line with --take-name.`,
    );
  }
  if (job.writes?.handled === "caught_up") {
    lines.push(`Documents that others wrote meanwhile and that were caught up: ${job.writes.documents}.`);
  }
  if (job.writes?.handled === "prevented") lines.push("Nobody else could write to it meanwhile.");
  if (job.nameTaken !== undefined) {
    const { legacy, gapMs } = job.nameTaken;
    lines.push(
      `"${job.collection}" is an alias now; what had the name is kept as ${legacy}. Nobody was served for ${gapMs} ms.`,
    );
  }
  if (job.points !== undefined) lines.push(`The collection holds ${job.points} passages.`);
  if (job.snapshot !== undefined) lines.push(`What served before is kept as snapshot ${job.snapshot}.`);
  if (job.skippedTotal > 0) lines.push(`Skipped ${job.skippedTotal}: ${skippedOf(job)}.`);
  for (const [word, items, total] of [
    ["Could not read", job.failed, job.failedTotal],
    ["Left out of title and metadata of", job.shortened ?? [], job.shortenedTotal ?? 0],
  ] as const) {
    const shown = items
      .slice(0, 5)
      .map(({ document, reason }) => `${sanitizeLine(document, 200)} (${sanitizeLine(reason)})`);
    if (total > 0) lines.push(`${word} ${total}: ${shown.join(", ")}${total > shown.length ? ", …" : ""}.`);
  }
  if (job.error) lines.push(`${job.error.message} ${job.error.remedy}`);
  if (isUnderWay(job)) {
    if (job.outage !== undefined) lines.push(`It waits for the store: ${job.outage}`);
    if (job.phase === "embedding")
      lines.push("Questions are answered by its words already, by meaning as vectors come.");
    lines.push(`It goes on; call health to follow job ${job.id}.`);
  }
  return lines.map(oneLine).join("\n");
}

const REASONS = 8;
const EXAMPLES = 2;

/** `3 × hidden folder (a/, b/, …)`, the most frequent reason first. */
function skippedOf({ skipped, skippedTotal, skippedReasons = [] }: Job): string {
  const shown = skippedReasons.slice(0, REASONS);
  const texts = shown.map(({ reason, documents }) => {
    // A record of a file tells its line in front of the reason.
    const named = skipped.filter((each) => each.reason.replace(/^line \d+: /, "") === reason);
    const examples = named.slice(0, EXAMPLES).map(({ document }) => sanitizeLine(document, 200));
    if (documents > examples.length && examples.length > 0) examples.push("…");
    return `${documents} × ${sanitizeLine(reason)}${examples.length > 0 ? ` (${examples.join(", ")})` : ""}`;
  });
  const rest = shown.reduce((left, { documents }) => left - documents, skippedTotal);
  return [...texts, ...(rest > 0 ? [`${rest} × another reason`] : [])].join("; ");
}
