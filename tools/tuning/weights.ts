/**
 * nDCG@10 by the share of the dense score: for each form of question over the sets, then for each set.
 *
 *   node dist/tools/tuning/weights.js <folder of BEIR sets> <cache> [split, default dev]
 */
import type { QueryForm } from "../../src/retrieve/ranking/query-form.js";
import { RANKING_PARAMS } from "../../src/retrieve/ranking/ranking-params.js";
import { type Asked, type JudgedSet, mean, ndcg, rank, readSets } from "./judged.js";

const WEIGHTS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8];
const FORMS: readonly QueryForm[] = ["plain", "question", "quoted"];
/** Fewer questions of a form in a set say nothing. */
const LEAST = 20;
const RRF_K = 60;

const [sets = "", cache = "", split = "dev"] = process.argv.slice(2);
const judged = readSets(sets, cache, split);
// Choosing by a test split would make its numbers worthless: there only the parameters in use are measured.
if (split === "dev") compareWeights();
print(["set", "questions", "dense", "lexical", "RRF", "convex 0.5", "tuned", "− better leg"]);
const rows = judged.map(measure);
rows.push(rows[0]?.map((_, column) => mean(rows.map((row) => row[column] as number))) ?? []);
for (const [i, row] of rows.entries()) {
  const { name = "mean", asked = [] } = judged[i] ?? {};
  const margin = (row[4] as number) - Math.max(row[0] as number, row[1] as number);
  print([name, String(asked.length), ...row.map(shown), margin.toFixed(4)]);
}

function compareWeights(): void {
  print(["form", "sets", ...WEIGHTS.map(String)]);
  for (const form of FORMS) {
    const groups = judged.map((set) => set.asked.filter((asked) => asked.form === form));
    const enough = groups.filter((group) => group.length >= LEAST);
    if (enough.length === 0) continue;
    const values = WEIGHTS.map((weight) => mean(enough.map((group) => quality(group, () => weight))));
    print([form, String(enough.length), ...values.map(shown)]);
  }
  process.stdout.write("\n");
}

function measure({ asked }: JudgedSet): number[] {
  const leg = (mode: "dense" | "lexical") => mean(asked.map((each) => ndcg(rank(each, mode, 0.5), gradesOf(each))));
  const reciprocal = mean(asked.map((each) => ndcg(reciprocalRank(each), gradesOf(each))));
  const tuned = ({ form }: Asked) => RANKING_PARAMS.denseWeight[form];
  return [leg("dense"), leg("lexical"), reciprocal, quality(asked, () => 0.5), quality(asked, tuned)];
}

function quality(asked: readonly Asked[], weightOf: (asked: Asked) => number): number {
  return mean(asked.map((each) => ndcg(rank(each, "hybrid", weightOf(each)), gradesOf(each))));
}

/** Cormack et al. 2009, over the documents of each leg. */
function reciprocalRank(asked: Asked) {
  const sums = new Map<string, number>();
  for (const mode of ["dense", "lexical"] as const) {
    for (const [i, { document }] of rank(asked, mode, 0.5).entries()) {
      sums.set(document, (sums.get(document) ?? 0) + 1 / (RRF_K + i + 1));
    }
  }
  return [...sums].map(([document, score]) => ({ document, score })).sort((a, b) => b.score - a.score);
}

function gradesOf({ grades }: Asked): ReadonlyMap<string, number> {
  return grades ?? new Map();
}

function shown(value: number): string {
  return value.toFixed(4);
}

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}
