/** `aura-retrieval eval <questions>` */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { findModel } from "../config/catalog.js";
import { type Config, describeSettings, loadConfig } from "../config/load.js";
import { AppError } from "../core/errors.js";
import type { EvalHost, EvalKind } from "../eval/index.js";
import { EXIT, exitCodeOf } from "./exit-codes.js";
import { createProgressView } from "./progress.js";
import type { Shell } from "./shell.js";

interface Options {
  split: string;
  collection?: string;
  ladder?: boolean;
  grid?: boolean;
  offTopic?: string;
  seed: number;
  out?: string;
  report?: string;
  gate?: string;
  gateWrite?: string;
  json?: boolean;
}

const DEFAULT_SEED = 20_261_125;

export function evalCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("eval")
    .description("how good the answers are: quality with its uncertainty, time, and what each technique is worth")
    .argument("<questions>", "folder in BEIR's layout, or a JSONL file of {question, expect} over --collection")
    .option("--split <name>", "judgements to use: qrels/<name>.tsv", "test")
    .option("--collection <name>", "collection that a file of questions is asked; default: the configured one")
    .option("--ladder", "every step of the rollout: pseudo-embeddings, real ones, re-ranking, expansion, large models")
    .option("--grid", "dense, lexical and hybrid, each without and with expansion and re-ranking")
    .option("--off-topic <file>", "questions that the collection cannot answer, one a line, in place of our own")
    .option("--seed <n>", "of everything that is drawn", parseSeed, DEFAULT_SEED)
    .option("--out <folder>", "where runs (TREC), settings and numbers go; default: in the data folder")
    .option("--report <file>", "one HTML page with plots")
    .option("--gate <file>", "exit with 1 when a metric fell below this baseline by more than noise")
    .option("--gate-write <file>", "make the baseline")
    .option("--json", "the answer as JSON")
    .action(async (path: string, options: Options) => finish(await run(shell, path, options)));
}

/** @returns exit code */
async function run(shell: Shell, path: string, options: Options): Promise<number> {
  const kind = kindOf(options);
  const config = loadConfig(shell.env());
  // Loaded only now: no other command needs it.
  const evaluation = await import("../eval/index.js");
  const dataset = evaluation.readDataset(path, options.split);
  if (dataset.corpus !== undefined && options.collection !== undefined) {
    throw badRequest("--collection goes with a file of questions: a folder is indexed into a collection of its own.");
  }
  const baseline = options.gate === undefined ? undefined : evaluation.readBaseline(options.gate, dataset);
  const offTopic = options.offTopic === undefined ? evaluation.OFF_TOPIC : readQuestions(options.offTopic);
  const { seed } = options;
  const collection = options.collection ?? config.collection;
  const asked = dataset.corpus === undefined ? `${dataset.name}-${collection}` : dataset.name;
  const out = resolve(options.out ?? join(config.dataFolder, "eval", `${asked}-${kind}`));
  for (const file of [options.report, options.gateWrite]) makeRoomFor(file);
  evaluation.openRunFolder(out);
  const request = { kind, dataset, collection, offTopic, seed };

  const view = createProgressView();
  const result = await evaluation.evaluate(request, hostOf(shell, view.update)).finally(() => view.stop());
  const [first] = result.rows.filter(evaluation.isMeasured);
  const gate = baseline && first ? evaluation.judge(baseline, first, seed) : undefined;
  const value = evaluation.present(result, gate, out);
  evaluation.writeRunFiles(out, result, value);
  if (options.report !== undefined) {
    const { renderReport } = await import("../eval/report/page.js");
    writeFileSync(options.report, renderReport(result, gate));
  }
  if (options.gateWrite !== undefined && first) evaluation.writeBaseline(options.gateWrite, dataset, first);
  if (options.json) shell.print(JSON.stringify(value));
  else {
    shell.print(evaluation.renderEvaluation(result));
    if (gate !== undefined) shell.print(`\n${evaluation.renderGate(gate)}`);
    shell.print(`\nRuns, settings and numbers: ${out}`);
  }
  if (shell.signal.aborted) return exitCodeOf("cancelled");
  return gate?.some(({ passed }) => !passed) ? EXIT.failed : EXIT.ok;
}

function kindOf({ ladder, grid, gate, gateWrite }: Options): EvalKind {
  if (ladder && grid) throw badRequest("--ladder and --grid are two runs.");
  const kind = ladder ? "ladder" : grid ? "grid" : "single";
  if (kind !== "single" && (gate ?? gateWrite) !== undefined) {
    throw badRequest("A gate holds the configured server to its baseline; it goes with neither --ladder nor --grid.");
  }
  return kind;
}

function hostOf(shell: Shell, update: ReturnType<typeof createProgressView>["update"]): EvalHost {
  return {
    openApp: (settings) => shell.openApp(settings),
    async missingModels({ config }) {
      const { missingFiles } = await shell.openModels();
      return modelsOf(config)
        .filter(({ model, device }) => missingFiles(config, model, device).length > 0)
        .map(({ model }) => model.id);
    },
    describeSettings: ({ config }) => describeSettings(config),
    signal: shell.signal,
    onProgress: (message, done = 0, total) => update({ message, done, total }),
  };
}

/** What the configuration needs files of. */
function modelsOf(config: Config) {
  const { embedder, models, values } = config;
  const reranker = values.RERANK_ENABLED ? findModel(models.crossEncoders, values.RERANK_MODEL) : undefined;
  return [
    ...(embedder === undefined ? [] : [{ model: embedder, device: values.EMBEDDING_DEVICE }]),
    ...(reranker === undefined ? [] : [{ model: reranker, device: values.RERANK_DEVICE }]),
  ];
}

/** Before the run: it may take long, and what it found must have a place. */
function makeRoomFor(file: string | undefined): void {
  if (file === undefined) return;
  const remedy = "Name another file.";
  const folder = dirname(resolve(file));
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new AppError("bad_request", `The folder ${folder} cannot be made.`, { remedy, cause });
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new AppError("bad_request", `${file} is a folder, not a file to write.`, { remedy });
  }
}

function readQuestions(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new AppError("not_found", `${file} cannot be read.`, {
      remedy: "Name a text file, one question a line.",
      cause,
    });
  }
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number of at most nine digits.");
  return Number(text);
}

function badRequest(message: string): AppError {
  return new AppError("bad_request", message, { remedy: "See `aura-retrieval eval --help`." });
}
