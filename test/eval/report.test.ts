import { describe, expect, it } from "vitest";
import { compare } from "#src/eval/compare.js";
import type { Evaluation, Row } from "#src/eval/evaluate.js";
import { renderEvaluation } from "#src/eval/render-text.js";
import { escapeHtml } from "#src/eval/report/escape-html.js";
import { renderReport } from "#src/eval/report/page.js";
import { answer, dataset, measured, question, SEED } from "./fixtures.js";

const HOSTILE = `\u001b[2J<script src="https://evil.example/x.js">alert('1')</script><img src=x onerror=alert(1)>`;
const questions = [question("q0"), question(`"><b>${HOSTILE}`, HOSTILE)];
const before = measured(
  "dense",
  questions.map((each) => answer(each, 0.2)),
);
const after = measured(
  "hybrid",
  questions.map((each, i) => answer(each, i === 0 ? 0.1 : 0.6)),
);
const rows: Row[] = [
  before,
  { ...after, comparison: compare("dense", before.measurement, after.measurement, SEED) },
  { configuration: { name: "hybrid + re-ranking", fields: {}, against: [] }, unavailable: `${HOSTILE} is missing` },
];
const evaluation: Evaluation = {
  request: { kind: "grid", dataset: dataset(questions), collection: "c", offTopic: ["x"], seed: SEED },
  version: "0.1.0",
  rows,
  warnings: [HOSTILE],
};

describe("the report", () => {
  const page = renderReport(evaluation, undefined);

  it("shows every configuration: numbers, or why there are none", () => {
    for (const text of [
      "dense",
      "hybrid, against dense",
      "Questions better: 1, the same: 0, worse: 1",
      "not available",
    ]) {
      expect(page).toContain(text);
    }
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(5 + 1 + 1 + 2);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("holds text of users as text", () => {
    expect(page).toContain(escapeHtml(HOSTILE));
    const elements = new Set([...page.matchAll(/<([a-z0-9]+)/g)].map(([, name]) => name));
    for (const name of ["script", "img", "b", "link", "iframe", "object"]) expect(elements).not.toContain(name);
  });

  it("asks the network for nothing", () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<[^>]*\s(src|href|xlink:href)\s*=/);
    expect(page).not.toMatch(/url\(|@import/);
  });

  it("is the same for the same evaluation", () => {
    expect(renderReport(evaluation, undefined)).toBe(page);
  });

  it("shows a gate, and a single configuration stage by stage", () => {
    const single: Evaluation = { ...evaluation, request: { ...evaluation.request, kind: "single" }, rows: [before] };
    const change = { mean: -0.1, low: -0.2, high: -0.05 };
    const failed = { metric: "nDCG@10", baseline: 0.3, now: 0.2, change, paired: true, passed: false } as const;
    const one = renderReport(single, [failed]);
    expect(one).toContain(">failed<");
    for (const stage of ["embed", "search", "total"]) expect(one).toContain(`>${stage}</text>`);
  });
});

describe("the text for a terminal", () => {
  it("has a row for each configuration, what changed, and the verdict on expansion's absence", () => {
    const text = renderEvaluation(evaluation);
    expect(text).toContain("hybrid, against dense: questions better 1, the same 0, worse 1");
    expect(text).toMatch(/hybrid \+ re-ranking +not available: /);
    expect(text).not.toMatch(/NaN|undefined/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(text.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f]/);
  });
});
