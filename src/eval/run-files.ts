/** What a run leaves behind, so that it can be repeated and read by other programs: runs and judgements as TREC has them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Evaluation, isMeasured, type Measured } from "./evaluate.js";
import { ranked } from "./metrics.js";

/** `results` is the presented evaluation. The folder is there; files of its names are replaced. */
export function writeRunFiles(folder: string, evaluation: Evaluation, results: object): void {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const measured = evaluation.rows.filter(isMeasured);
  const { dataset, seed, kind } = evaluation.request;
  write("results.json", json(results));
  write("settings.json", json({ version: evaluation.version, seed, kind, configurations: measured.map(toSettings) }));
  write("judgements.qrels", judgements(evaluation));
  write("questions.jsonl", measured.map(questionLines).join(""));
  for (const row of measured) write(runFileName(row.configuration.name), run(row, dataset.name));
}

function runFileName(configuration: string): string {
  const slug = configuration.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `run-${slug.replace(/^-|-$/g, "")}.trec`;
}

function toSettings({ configuration, settings, numbers }: Measured) {
  const { name, mode } = configuration;
  return { name, ...(mode === undefined ? {} : { mode }), collection: numbers.collection.name, settings };
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
