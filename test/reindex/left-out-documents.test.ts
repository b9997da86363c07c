import { expect, it } from "vitest";
import { renderJob } from "#src/api/reindex/render.js";
import { LeftOutDocuments } from "#src/reindex/left-out-documents.js";
import { job } from "../contract/fixtures.js";

it("counts by reason, and names one document of each reason however many came before", () => {
  const leftOut = new LeftOutDocuments();
  for (let i = 0; i < 100; i++) leftOut.add(`${i}.log`, "ignored by .gitignore");
  for (let i = 0; i < 60; i++) leftOut.add(`a.jsonl#${i}`, `line ${i}: empty`);
  leftOut.add("a.png", "no reader for .png");
  expect(leftOut.total).toBe(161);
  expect(leftOut.reasons).toEqual([
    { reason: "ignored by .gitignore", documents: 100 },
    { reason: "empty", documents: 60 },
    { reason: "no reader for .png", documents: 1 },
  ]);
  expect(leftOut.listed).toHaveLength(50);
  expect(leftOut.listed.slice(-2)).toEqual([
    { document: "a.jsonl#0", reason: "line 0: empty" },
    { document: "a.png", reason: "no reader for .png" },
  ]);
  const skipped = { skipped: leftOut.listed, skippedTotal: leftOut.total, skippedReasons: leftOut.reasons };
  expect(renderJob(job("j", skipped))).toContain(
    "Skipped 161: 100 × ignored by .gitignore (0.log, 1.log, …); 60 × empty (a.jsonl#0, …); 1 × no reader for .png (a.png).",
  );
});

it("counts reasons without end together", () => {
  const leftOut = new LeftOutDocuments();
  for (let i = 0; i < 1_000; i++) leftOut.add(`${i}`, `reason ${i}`);
  expect(leftOut.reasons[0]).toEqual({ reason: "other reasons", documents: 970 });
  expect(leftOut.reasons).toHaveLength(31);
});
