import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Measured } from "#src/eval/evaluate.js";
import { judge, readBaseline, writeBaseline } from "#src/eval/gate.js";
import { answer, dataset, measured, question, SEED } from "./fixtures.js";

const questions = Array.from({ length: 40 }, (_, i) => question(`q${i}`));
const asked = dataset(questions);
const earlier = (i: number) => (i % 5) / 5 + 0.1;
const run = (value: (i: number) => number) =>
  measured(
    "configured",
    questions.map((each, i) => answer(each, value(i))),
  );

let file: string;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-gate-"));
  file = join(folder, "baseline.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

function verdicts(now: Measured): boolean[] {
  writeBaseline(file, asked, run(earlier));
  return judge(readBaseline(file, asked), now, SEED).map(({ passed }) => passed);
}

describe("the gate", () => {
  it("passes what is the same, what is better, and a loss within noise", () => {
    expect(verdicts(run(earlier))).toEqual([true, true, true, true, true]);
    expect(verdicts(run((i) => earlier(i) + 0.05))).not.toContain(false);
    // One question of forty.
    expect(verdicts(run((i) => (i === 0 ? 0 : earlier(i))))).not.toContain(false);
  });

  it("fails a small loss that most questions share, though far within the interval of the mean", () => {
    expect(verdicts(run((i) => earlier(i) - 0.02 - (i % 3) / 100))).toEqual([false, false, false, false, false]);
  });

  it("passes a loss that rounding could make, though no question gained", () => {
    expect(verdicts(run((i) => earlier(i) - (i < 8 ? 0.005 : 0)))).not.toContain(false);
    expect(verdicts(run((i) => earlier(i) - (i < 8 ? 0.05 : 0)))).not.toContain(true);
  });

  it("takes a baseline of means, and then only sees what leaves the run's own interval", () => {
    writeFileSync(file, '{"metrics": {"nDCG@10": 0.5}}');
    const judged = (value: (i: number) => number) => judge(readBaseline(file, asked), run(value), SEED);
    expect(judged((i) => earlier(i) - 0.02)).toMatchObject([{ metric: "nDCG@10", paired: false, passed: true }]);
    expect(judged((i) => earlier(i) - 0.3)).toMatchObject([{ metric: "nDCG@10", paired: false, passed: false }]);
  });

  it("refuses a baseline of other questions, and what is none", () => {
    writeBaseline(file, { ...asked, sha256: "1".repeat(64) }, run(earlier));
    expect(() => readBaseline(file, asked)).toThrow("other questions or judgements");
    for (const [text, problem] of [
      ["{}", "metrics"],
      ['{"metrics": {}}', "no metric"],
      ['{"metrics": {"ndcg": 0.5}}', "no baseline"],
      ["no JSON", "not a readable JSON file"],
    ] as const) {
      writeFileSync(file, text);
      expect(() => readBaseline(file, asked), text).toThrow(problem);
    }
    expect(() => readBaseline(join(folder, "absent.json"), asked)).toThrow("not a readable JSON file");
  });

  it("writes a file that names its questions, so that a change of them shows in a diff", () => {
    writeBaseline(file, asked, run(earlier));
    expect(JSON.parse(readFileSync(file, "utf8")).questions.q1).toMatchObject({ "nDCG@10": earlier(1) });
  });
});
