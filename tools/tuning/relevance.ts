/**
 * Fits the map from score to relevance, and says how well it holds for sets it was not fitted on.
 *
 *   node dist/tools/tuning/relevance.js <folder of BEIR sets> <cache> [--check [split]]
 *
 * Each set weighs the same, and the questions it cannot answer 0.3 of those it can. With `--check` nothing is fitted: the
 * parameters in use are measured.
 */
import type { RetrieveMode } from "../../src/core/types.js";
import { RANKING_PARAMS } from "../../src/retrieve/ranking/ranking-params.js";
import { type Evidence, type RelevanceParams, relevance } from "../../src/retrieve/ranking/relevance.js";
import { type Asked, DEPTH, type JudgedSet, mean, rank, readSets } from "./judged.js";

const FOREIGN_SHARE = 0.3;
const BINS = 10;
const STEPS = 50;
const MODES: readonly RetrieveMode[] = ["hybrid", "dense", "lexical"];

interface Example {
  readonly score: number;
  readonly found: Evidence;
  readonly relevant: boolean;
  readonly first: boolean;
  readonly foreign: boolean;
  readonly weight: number;
}

const [sets = "", cache = "", check, split = "dev"] = process.argv.slice(2);
const judged = readSets(sets, cache, split);
for (const mode of MODES) {
  const examples = judged.map((set) => examplesOf(set, mode));
  const inUse = RANKING_PARAMS.relevance[mode];
  const paramsFor = (chosen: readonly Example[][]) => (check === undefined ? fitted(chosen.flat(), mode) : inUse);
  const rows = judged.map(({ corpus }, i) => {
    const others = examples.filter((_, j) => judged[j]?.corpus !== corpus);
    return measure(examples[i] as Example[], paramsFor(others));
  });
  const all = Object.entries(paramsFor(examples)).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  process.stdout.write(`${mode}: ${all.join(", ")}\n`);
  process.stdout.write("| set | calibration error | of first documents | AUC |\n|---|---|---|---|\n");
  for (const [i, values] of rows.entries()) {
    process.stdout.write(`| ${judged[i]?.name} | ${values.map((value) => value.toFixed(3)).join(" | ")} |\n`);
  }
  const means = [0, 1, 2].map((column) => mean(rows.map((values) => values[column] as number)).toFixed(3));
  process.stdout.write(`| mean | ${means.join(" | ")} |\n\n`);
}

function examplesOf({ asked, foreign }: JudgedSet, mode: RetrieveMode): Example[] {
  const found = (from: readonly Asked[], share: number) => {
    const list = from.flatMap((each) => {
      const documents = rank(each, mode, RANKING_PARAMS.denseWeight[each.form]).slice(0, DEPTH);
      const cosine = Math.max(0, ...each.candidates.map(({ scores }) => scores[0] as number));
      const found = { best: documents[0]?.score ?? 0, cosine };
      return documents.map(({ document, score }, i) => ({
        score,
        found,
        relevant: (each.grades?.get(document) ?? 0) > 0,
        first: i === 0,
        foreign: each.grades === undefined,
      }));
    });
    return list.map((example) => ({ ...example, weight: share / list.length }));
  };
  return [...found(asked, 1), ...found(foreign, FOREIGN_SHARE)];
}

/** Logistic regression by Newton's method. The cosine says something new only beside a lexical leg. */
function fitted(examples: readonly Example[], mode: RetrieveMode): RelevanceParams {
  const rowOf = ({ score, found: { best, cosine } }: Example) => {
    const row = [best, -Math.sqrt(best - score), 1];
    return mode === "hybrid" ? [...row, cosine] : row;
  };
  const size = mode === "hybrid" ? 4 : 3;
  const params = (of: readonly number[]): RelevanceParams => {
    const [best = 0, behind = 0, offset = 0, cosine = 0] = of;
    return { best, cosine, behind, offset };
  };
  let at: number[] = new Array(size).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const gradient: number[] = new Array(size).fill(0);
    const hessian = gradient.map((_, i) => gradient.map((_zero, j) => (i === j ? 1e-9 : 0)));
    for (const example of examples) {
      const row = rowOf(example);
      const p = relevance(example.score, example.found, params(at));
      for (let i = 0; i < size; i++) {
        const scaled = example.weight * (row[i] as number);
        gradient[i] = (gradient[i] as number) + scaled * (p - Number(example.relevant));
        const cells = hessian[i] as number[];
        for (let j = 0; j < size; j++) cells[j] = (cells[j] as number) + scaled * p * (1 - p) * (row[j] as number);
      }
    }
    const move = solve(hessian, gradient);
    at = at.map((value, i) => value - (move[i] as number));
  }
  return params(at);
}

/** Gaussian elimination; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  for (const [i, pivot] of rows.entries()) {
    for (const [j, row] of rows.entries()) {
      if (i === j) continue;
      const factor = (row[i] as number) / (pivot[i] as number);
      for (let k = i; k < row.length; k++) row[k] = (row[k] as number) - factor * (pivot[k] as number);
    }
  }
  return rows.map((row, i) => (row.at(-1) as number) / (row[i] as number));
}

/** Expected calibration error over the first ten documents and over the first one; AUC of the first score. */
function measure(examples: readonly Example[], params: RelevanceParams): [number, number, number] {
  const scored = examples.map((each) => ({ ...each, value: relevance(each.score, each.found, params) }));
  const own = scored.filter(({ foreign }) => !foreign);
  const firsts = scored.filter(({ first }) => first);
  const of = (foreign: boolean) => firsts.filter((each) => each.foreign === foreign).map(({ value }) => value);
  return [calibrationError(own), calibrationError(own.filter(({ first }) => first)), auc(of(false), of(true))];
}

function calibrationError(scored: readonly { value: number; relevant: boolean }[]): number {
  const bins = Array.from({ length: BINS }, (_, bin) =>
    scored.filter(({ value }) => Math.min(BINS - 1, Math.floor(value * BINS)) === bin),
  );
  return bins
    .filter((bin) => bin.length > 0)
    .reduce((sum, bin) => {
      const off = Math.abs(mean(bin.map(({ value }) => value)) - mean(bin.map(({ relevant }) => Number(relevant))));
      return sum + (bin.length / scored.length) * off;
    }, 0);
}

function auc(higher: readonly number[], lower: readonly number[]): number {
  let above = 0;
  for (const high of higher) for (const low of lower) above += high > low ? 1 : high === low ? 0.5 : 0;
  return above / (higher.length * lower.length);
}
