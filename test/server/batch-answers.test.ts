import { expect, it } from "vitest";
import { BatchAnswers } from "#src/server/batch-answers.js";

it("an answer that would make the batch's line too long is an error instead", async () => {
  const lines: string[] = [];
  const batches = new BatchAnswers(async (line) => void lines.push(line), 100);
  await batches.open([1, 2, 3], []);
  await batches.take(1, JSON.stringify({ id: 1, result: "x".repeat(50) }));
  await batches.take(2, JSON.stringify({ id: 2, result: "é".repeat(50) }));
  await batches.take(3, JSON.stringify({ id: 3 }));
  const [line, ...others] = lines;
  expect(others).toEqual([]);
  expect(JSON.parse(line as string)).toMatchObject([{ id: 1 }, { id: 2, error: { code: -32603 } }, { id: 3 }]);
  expect(batches.take(1, "{}")).toBeUndefined();
});
