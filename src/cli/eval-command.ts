/** `aura-retrieval eval <questions>` */

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { App } from "../app/app.js";
import { loadConfig } from "../config/load.js";
import { profileFields } from "../config/profile-sources.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { DEFAULT_PROFILE, type RetrievalProfile } from "../core/profile.js";
import type { EvalHost, EvalKind } from "../eval/index.js";
import { makeFolderSync } from "../files/make-folder.js";
import type { Catalog } from "../models/catalog.js";
import type { ModelFiles } from "../models/model-files.js";
import { EXIT, exitCodeOf } from "./exit-codes.js";
import { createProgressView } from "./progress.js";
import { operate, operateOnce, type Shell } from "./shell.js";

interface Options {
  split: string;
  collection?: string;
  ladder?: boolean;
  grid?: boolean;
  profiles?: string[];
  dropIndexes?: boolean;
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
    .argument("[questions]", "folder in BEIR's layout, or a JSONL file of {question, expect} over --collection")
    .option("--split <name>", "judgements to use: qrels/<name>.tsv", "test")
    .option("--collection <name>", "collection that a file of questions is asked; default: the configured one")
    .option("--ladder", "every step of the rollout: pseudo-embeddings, real ones, re-ranking, expansion, large models")
    .option("--grid", "dense, lexical and hybrid, each without and with expansion and re-ranking")
    .option("--profiles <names>", "profiles to compare, separated by commas, each with the first", parseNames)
    .option("--drop-indexes", "delete the indexes that evaluations have kept, and do nothing else")
    .option("--off-topic <file>", "questions that the collection cannot answer, one a line, in place of our own")
    .option("--seed <n>", "of everything that is drawn", parseSeed, DEFAULT_SEED)
    .option("--out <folder>", "where runs (TREC), settings and numbers go; default: in the data folder")
    .option("--report <file>", "one HTML page with plots")
    .option("--gate <file>", "exit with 1 when a metric fell below this baseline by more than noise")
    .option("--gate-write <file>", "make the baseline")
    .option("--json", "the answer as JSON")
    .action(async (path: string | undefined, options: Options) => {
      if (options.dropIndexes) return finish(await dropIndexes(shell, options));
      if (path === undefined) throw badRequest("Name a folder or a file of questions.");
      finish(await run(shell, path, options));
    });
}

/** @returns exit code */
async function run(shell: Shell, path: string, options: Options): Promise<number> {
  const kind = kindOf(options);
  const config = loadConfig(shell.env());
  const { profiles } = config.live;
  // Before the run: what is measured first may take long.
  for (const name of options.profiles ?? []) if (!profiles.has(name)) throw noProfile(name, profiles);
  // Loaded only now: no other command needs it.
  const evaluation = await import("../eval/index.js");
  const dataset = evaluation.readDataset(path, options.split);
  if (dataset.corpus !== undefined && options.collection !== undefined) {
    throw badRequest("--collection goes with a file of questions: a folder is indexed into a collection of its own.");
  }
  const baseline = options.gate === undefined ? undefined : evaluation.readBaseline(options.gate, dataset);
  const offTopic = options.offTopic === undefined ? evaluation.OFF_TOPIC : readQuestions(options.offTopic);
  const { seed } = options;
  const collection = options.collection ?? config.live.collection;
  const asked = dataset.corpus === undefined ? `${dataset.name}-${collection}` : dataset.name;
  const out = resolve(options.out ?? join(config.boot.dataFolder, "eval", `${asked}-${kind}`));
  for (const file of [options.report, options.gateWrite]) makeRoomFor(file);
  evaluation.openRunFolder(out);
  const request = { kind, dataset, collection, offTopic, seed, profiles: options.profiles };

  const view = createProgressView();
  const result = await shell
    .withApp(async (app) => {
      const files = await openFiles(app);
      return operate(shell, app, "eval", (call) =>
        evaluation.evaluate(request, hostOf(shell, { app, call, files, update: view.update })),
      );
    })
    .finally(() => view.stop());
  const [first] = result.rows.filter(evaluation.isMeasured);
  const gate = baseline && first ? evaluation.judge(baseline, first, seed) : undefined;
  const value = evaluation.present(result, gate, out);
  evaluation.writeRunFiles(out, result, value);
  if (options.report !== undefined) {
    const { renderReport } = await import("../eval/report/page.js");
    writeFileSync(options.report, renderReport(result, gate));
  }
  if (options.gateWrite !== undefined && first) evaluation.writeBaseline(options.gateWrite, dataset, first);
  if (options.json) shell.print(value);
  else {
    shell.print(evaluation.renderEvaluation(result));
    if (gate !== undefined) shell.print(`\n${evaluation.renderGate(gate)}`);
    shell.print(`\nRuns, settings and numbers: ${out}`);
  }
  if (shell.signal.aborted) return exitCodeOf("cancelled");
  return gate?.some(({ passed }) => !passed) ? EXIT.failed : EXIT.ok;
}

/** Options that are runs of their own. */
const KINDS = ["ladder", "grid", "profiles"] as const satisfies readonly (EvalKind & keyof Options)[];

function kindOf(options: Options): EvalKind {
  const [kind = "single", other] = KINDS.filter((each) => options[each]);
  if (other !== undefined) throw badRequest("--ladder, --grid and --profiles are runs of their own.");
  if (kind !== "single" && (options.gate ?? options.gateWrite) !== undefined) {
    throw badRequest(
      "A gate holds the configured server to its baseline; it goes with none of --ladder, --grid and --profiles.",
    );
  }
  return kind;
}

async function openFiles({ boot }: App): Promise<ModelFiles> {
  const { ModelFiles } = await import("../models/model-files.js");
  return new ModelFiles(boot);
}

interface HostParts {
  readonly app: App;
  readonly call: Call;
  readonly files: ModelFiles;
  readonly update: ReturnType<typeof createProgressView>["update"];
}

function hostOf(shell: Shell, { app, call, files, update }: HostParts): EvalHost {
  return {
    app,
    call,
    configure({ fields, profile: name = DEFAULT_PROFILE }) {
      const { live, profileSettings } = loadConfig({ ...shell.env(), ...profileFields(fields) });
      const profile = live.profiles.get(name);
      const settings = profileSettings.get(name);
      if (profile !== undefined && settings !== undefined) return { profile, settings };
      throw noProfile(name, live.profiles);
    },
    missingModels: (profile) =>
      modelsOf(profile, app.live.models)
        .filter(({ model, device }) => files.missing(model, device).length > 0)
        .map(({ model }) => model.id),
    onProgress: (message, done = 0, total) => update({ message, done, total }),
  };
}

/** The models that a profile needs files of. */
function modelsOf({ embedder, reranking }: RetrievalProfile, { embedders, crossEncoders }: Catalog) {
  const chosen = [
    embedder.kind === "onnx" ? { id: embedder.model, device: embedder.device } : undefined,
    reranking.kind === "cross-encoder" ? { id: reranking.model, device: reranking.device } : undefined,
  ].filter((choice) => choice !== undefined);
  return chosen.flatMap(({ id, device }) => {
    const model = [...embedders, ...crossEncoders].find((each) => each.id === id);
    return model === undefined ? [] : [{ model, device }];
  });
}

async function dropIndexes(shell: Shell, { json }: Options): Promise<number> {
  const { dropEvaluationIndexes } = await import("../eval/index.js");
  const dropped = await operateOnce(shell, "drop", (app, call) => dropEvaluationIndexes(call, app));
  shell.print(
    json ? { dropped } : dropped.length === 0 ? "No evaluation indexes are kept." : `Dropped ${dropped.join(", ")}.`,
  );
  return EXIT.ok;
}

/** Before the run: it may take long, and what it found must have a place. */
function makeRoomFor(file: string | undefined): void {
  if (file === undefined) return;
  const remedy = "Name another file.";
  const folder = dirname(resolve(file));
  try {
    makeFolderSync(folder);
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

/** Each once. */
function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("names, separated by commas.");
  return [...new Set(names)];
}

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number of at most nine digits.");
  return Number(text);
}

function noProfile(name: string, profiles: ReadonlyMap<string, RetrievalProfile>): AppError {
  return badRequest(`There is no profile "${name}"; there are ${[...profiles.keys()].join(", ")}.`);
}

function badRequest(message: string): AppError {
  return new AppError("bad_request", message, { remedy: "See `aura-retrieval eval --help`." });
}
