/** Sets with what `candidates.ts` wrote down about them: questions, both legs' scores, judgements; and nDCG@10. */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Candidate, RetrieveMode } from "../../src/core/types.js";
import { askedByLeg } from "../../src/retrieve/legs.js";
import { fuse } from "../../src/retrieve/ranking/fuse.js";
import { formOf, type QueryForm } from "../../src/retrieve/ranking/query-form.js";

export const DEPTH = 10;

export interface Asked {
  readonly form: QueryForm;
  readonly candidates: readonly Candidate[];
  /** Of the documents judged relevant; undefined: a question of another set. */
  readonly grades?: ReadonlyMap<string, number>;
}

export interface JudgedSet {
  readonly name: string;
  /** Sets that ask about the same documents have the same one. */
  readonly corpus: string;
  readonly asked: readonly Asked[];
  /** Questions of sets about other things. */
  readonly foreign: readonly Asked[];
}

export interface RankedDocument {
  readonly document: string;
  readonly score: number;
}

/** Sets about neighbouring things may answer each other's questions. */
const SUBJECTS: Readonly<Record<string, string>> = {
  "scifact-train": "science",
  scifact: "science",
  cranfield: "science",
  dictionary: "words",
  "asked-dictionary": "words",
};
const subjectOf = (name: string) => SUBJECTS[name] ?? "computing";

export function readSets(sets: string, cache: string, split: string): JudgedSet[] {
  return readdirSync(sets)
    .filter((name) => existsSync(join(cache, `${name}.jsonl`)))
    .sort()
    .map((name) => readSet(sets, cache, name, split));
}

function readSet(sets: string, cache: string, name: string, split: string): JudgedSet {
  const judgements = new Map<string, Map<string, number>>();
  for (const row of linesOf(join(sets, name, "qrels", `${split}.tsv`)).slice(1)) {
    const [query, document, grade] = row.split("\t") as [string, string, string];
    judgements.set(query, (judgements.get(query) ?? new Map<string, number>()).set(document, Number(grade)));
  }
  const asked: Asked[] = [];
  const foreign: Asked[] = [];
  for (const line of linesOf(join(cache, `${name}.jsonl`))) {
    const row = JSON.parse(line) as { query: string; text: string; candidates: [string, string, number, number][] };
    const candidates = row.candidates.map(
      ([id, document, ...scores]): Candidate => ({ id, source: "", document, ordinal: 0, textHash: id, scores }),
    );
    const form = formOf(row.text);
    const grades = judgements.get(row.query);
    const [origin = ""] = row.query.split("/");
    if (grades !== undefined) asked.push({ form, candidates, grades });
    else if (row.query.includes("/") && subjectOf(origin) !== subjectOf(name)) foreign.push({ form, candidates });
  }
  return { name, corpus: realpathSync(join(sets, name, "corpus.jsonl")), asked, foreign };
}

function linesOf(file: string): string[] {
  return readFileSync(file, "utf8").trim().split("\n");
}

/** Documents best first, each by its best passage. */
export function rank({ candidates }: Asked, mode: RetrieveMode, denseWeight: number): RankedDocument[] {
  const legs = askedByLeg([{ text: "", leg: "both", weight: 1 }], [], mode);
  const of = { hybrid: [0, 1], dense: [0], lexical: [1] }[mode];
  const narrowed = candidates.map((each) => ({ ...each, scores: of.map((leg) => each.scores[leg] as number) }));
  const best = new Map<string, number>();
  for (const { candidate, fused } of fuse(narrowed, legs, { denseWeight, variantWeights: { dense: 1, lexical: 1 } })) {
    if (!best.has(candidate.document)) best.set(candidate.document, fused);
  }
  return [...best].map(([document, score]) => ({ document, score }));
}

export function ndcg(ranked: readonly RankedDocument[], grades: ReadonlyMap<string, number>): number {
  const dcg = (gains: readonly number[]) =>
    gains.slice(0, DEPTH).reduce((sum, gain, i) => sum + Math.max(0, gain) / Math.log2(i + 2), 0);
  const ideal = dcg([...grades.values()].sort((a, b) => b - a));
  return ideal === 0 ? 0 : dcg(ranked.map(({ document }) => grades.get(document) ?? 0)) / ideal;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
