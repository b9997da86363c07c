/** Questions with the documents that answer them: a folder in BEIR's layout, or a user's own short file. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { AppError } from "../core/errors.js";
import type { Grades } from "./metrics.js";

export interface Question {
  readonly id: string;
  readonly text: string;
  readonly grades: Grades;
}

export interface Dataset {
  readonly name: string;
  /** Judged questions only, in the order of the file. */
  readonly questions: readonly Question[];
  /** What is indexed before it is asked; absent: a collection that is there already. */
  readonly corpus?: { readonly name: string; readonly source: string };
  /** Judgements name a document with or without the extension of its file. */
  readonly extensionOptional: boolean;
  /** Of the questions and judgements, so that two runs can be known to have asked the same. */
  readonly sha256: string;
  readonly warnings: readonly string[];
}

/** @param path a folder in BEIR's layout, or a file of questions @throws AppError `not_found`, `bad_request` */
export function readDataset(path: string, split: string): Dataset {
  if (!existsSync(path)) throw unusable("not_found", `There is nothing at ${path}.`);
  const real = realpathSync(path);
  return statSync(real).isDirectory() ? readFolder(real, split) : readQuestionFile(real);
}

/** `corpus.jsonl` or `pages/`, `queries.jsonl`, `qrels/<split>.tsv`. */
function readFolder(folder: string, split: string): Dataset {
  const source = ["corpus.jsonl", "pages"].map((name) => join(folder, name)).find((each) => existsSync(each));
  if (source === undefined) throw unusable("not_found", `${folder} has neither corpus.jsonl nor pages/.`);
  const [queriesFile, judgementsFile] = [join(folder, "queries.jsonl"), join(folder, "qrels", `${split}.tsv`)];
  const [queries, judgements] = [readText(queriesFile), readText(judgementsFile)];
  const asked = parseLines(queries, queriesFile, querySchema).map(({ id, _id, text }) => ({
    id: String(id ?? _id),
    text,
  }));
  refuseRepeated(asked, queriesFile);
  const grades = parseJudgements(judgements, judgementsFile, new Set(asked.map(({ id }) => id)));
  const questions = asked.flatMap(({ id, text }) => {
    const judged = grades.get(id);
    return judged === undefined ? [] : [{ id, text, grades: judged }];
  });
  if (questions.length === 0) throw unusable("bad_request", `${judgementsFile} judges no query of ${queriesFile}.`);
  const unasked = grades.size - questions.length;
  return {
    name: split === "test" ? basename(folder) : `${basename(folder)}-${split}`,
    questions,
    corpus: { name: basename(folder), source },
    extensionOptional: basename(source) === "pages",
    sha256: sha256(queries, judgements),
    warnings: unasked === 0 ? [] : [`judged queries that are not in queries.jsonl, left out: ${unasked}`],
  };
}

function readQuestionFile(file: string): Dataset {
  const text = readText(file);
  const questions = parseLines(text, file, questionSchema).map(({ id, question, expect }, i) => ({
    id: id ?? `line-${i + 1}`,
    text: question,
    grades: new Map([expect].flat().map((document) => [document, 1])),
  }));
  refuseRepeated(questions, file);
  if (questions.length === 0) throw unusable("bad_request", `${file} has no questions.`);
  const name = basename(file).replace(/\.[^.]*$/, "");
  return { name, questions, extensionOptional: false, sha256: sha256(text), warnings: [] };
}

function refuseRepeated(questions: readonly { readonly id: string }[], file: string): void {
  const seen = new Set<string>();
  for (const { id } of questions) {
    if (seen.has(id)) throw unusable("bad_request", `${file} has the id "${id}" twice.`);
    seen.add(id);
  }
}

const identifier = z.union([z.string().min(1), z.number()]);
const querySchema = z
  .object({ _id: identifier.optional(), id: identifier.optional(), text: z.string().trim().min(1) })
  .refine(({ _id, id }) => (_id ?? id) !== undefined, "`_id` is missing");
const document = z.string().min(1);
const questionSchema = z.strictObject({
  id: z.string().min(1).optional(),
  question: z.string().trim().min(1),
  expect: z.union([document, z.array(document).min(1)]),
});

function parseLines<T>(text: string, file: string, schema: z.ZodType<T>): T[] {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const result = schema.safeParse(parseJson(line));
    if (result.success) return [result.data];
    const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "line"}: ${message}`);
    throw unusable("bad_request", `${file}, line ${i + 1}: ${problems.join("; ")}.`);
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** `query <tab> document <tab> grade`; a header, whose first field is no query, is passed over. */
function parseJudgements(text: string, file: string, queries: ReadonlySet<string>): Map<string, Map<string, number>> {
  const judgements = new Map<string, Map<string, number>>();
  text.split(/\r?\n/).forEach((line, i) => {
    const [query, judged, grade, ...more] = line.split("\t");
    if (line.trim() === "" || (i === 0 && Number.isNaN(Number(grade)) && !queries.has(query ?? ""))) return;
    if (!query || !judged || more.length > 0 || !/^-?\d+$/.test(grade ?? "")) {
      throw unusable("bad_request", `${file}, line ${i + 1}: not "query<tab>document<tab>whole number".`);
    }
    const grades = judgements.get(query) ?? new Map<string, number>();
    if ((grades.get(judged) ?? Number(grade)) !== Number(grade)) {
      throw unusable("bad_request", `${file}, line ${i + 1}: ${judged} was judged differently for ${query} before.`);
    }
    judgements.set(query, grades.set(judged, Number(grade)));
  });
  return judgements;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\ufeff/, "");
  } catch (cause) {
    throw unusable("not_found", `${file} cannot be read.`, cause);
  }
}

function sha256(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}

function unusable(code: "not_found" | "bad_request", message: string, cause?: unknown): AppError {
  return new AppError(code, message, { remedy: "docs/evaluation.md shows both kinds of question sets.", cause });
}
