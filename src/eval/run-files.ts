/** What a run leaves behind, so that it can be repeated and read by other programs: runs and judgements as TREC has them. */

import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../core/errors.js";
import { makeFolderSync } from "../files/make-folder.js";
import { type Evaluation, isMeasured, type Measured } from "./evaluate.js";
import { ranked } from "./metrics.js";

const RESULTS = "results.json";

/** Makes the folder. @throws AppError `bad_request` for one that holds something else than an earlier run */
export function openRunFolder(folder: string): void {
  const remedy = "Name a new or an empty folder, or that of an earlier run.";
  let others: boolean;
  try {
    makeFolderSync(folder, 0o700);
    others = readdirSync(folder).length > 0 && !existsSync(join(folder, RESULTS));
  } catch (cause) {
    throw new AppError("bad_request", `The folder ${folder} cannot be used.`, { remedy, cause });
  }
  if (others) throw new AppError("bad_request", `${folder} holds other files, which a run could replace.`, { remedy });
}

/** Replaces an earlier run. @param results the presented evaluation */
export function writeRunFiles(folder: string, evaluation: Evaluation, results: object): void {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const measured = evaluation.rows.filter(isMeasured);
  const { dataset, seed, kind } = evaluation.request;
  for (const name of readdirSync(folder)) if (isRunFile(name)) rmSync(join(folder, name));
  write(RESULTS, json(results));
  write("settings.json", json({ version: evaluation.version, seed, kind, configurations: measured.map(toSettings) }));
  write("judgements.qrels", judgements(evaluation));
  write("per-question.jsonl", measured.map(questionLines).join(""));
  for (const row of measured) write(runFileName(row.configuration.name), run(row, dataset.name));
}

function isRunFile(name: string): boolean {
  return /^run-.*\.trec$/.test(name);
}

function runFileName(configuration: string): string {
  const slug = configuration.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `run-${slug.replace(/^-|-$/g, "")}.trec`;
}

function toSettings({ configuration, settings, numbers }: Measured) {
  const { name, mode } = configuration;
  return { name, mode, collection: numbers.collection.name, settings };
}

/** `query Q0 document rank score tag`. */
function run({ measurement }: Measured, tag: string): string {
  return measurement.answers
    .flatMap(({ question, ranking }) =>
      ranked(ranking).map(
        (document, i) =>
          `${field(question.id)} Q0 ${field(document)} ${i + 1} ${ranking.get(document)} ${field(tag)}\n`,
      ),
    )
    .join("");
}

/** `query 0 document grade`. */
function judgements({ request }: Evaluation): string {
  return request.dataset.questions
    .flatMap(({ id, grades }) => [...grades].map(([document, grade]) => `${field(id)} 0 ${field(document)} ${grade}\n`))
    .join("");
}

function questionLines({ configuration, measurement }: Measured): string {
  return measurement.answers
    .map(({ question, scores, timings, candidates }) => {
      const line = { configuration: configuration.name, id: question.id, scores, timings_ms: timings, candidates };
      return `${JSON.stringify(line)}\n`;
    })
    .join("");
}

/** White space separates fields. */
function field(text: string): string {
  return text.replace(/\s/g, encodeURIComponent);
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
