/** `aura-retrieval models list|pull|verify|path|rm` */
import { Command } from "commander";
import { loadConfig } from "../config/load.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { Device } from "../core/profile.js";
import { type Catalog, type CatalogModel, findModel } from "../models/catalog.js";
import type { ModelFiles } from "../models/model-files.js";
import { confirmed } from "./confirm.js";
import { EXIT } from "./exit-codes.js";
import { createProgressView } from "./progress.js";
import { operateOnce, type Shell } from "./shell.js";
import { tell } from "./terminal.js";

interface JsonOption {
  readonly json?: boolean;
}

interface DeviceOption extends JsonOption {
  readonly device: Device;
}

/** What every subcommand works with. */
interface Opened {
  readonly call: Call;
  readonly files: ModelFiles;
  readonly models: Catalog;
}

interface Check {
  readonly model: string;
  readonly file: string;
  readonly expected: string;
  readonly found: string;
  readonly ok: boolean;
}

export function modelsCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("models").description("the models this version knows: on this machine, or on the Hub");

  /** @param name for its span */
  const operateOn = <T>(name: string, run: (opened: Opened) => Promise<T>): Promise<T> =>
    operateOnce(shell, name, async ({ boot, live }, call) => {
      const { ModelFiles } = await import("../models/model-files.js");
      return run({ call, files: new ModelFiles(boot), models: live.models });
    });

  withJson(command.command("list"))
    .description("all models; * is on this machine")
    .action(async ({ json }: JsonOption) => {
      const models = await operateOn("models", async (opened) => opened.files.describe(opened.models));
      shell.print(json ? { models } : models.map(line).join("\n"));
      finish(EXIT.ok);
    });

  withDevice(command.command("pull <model>"))
    .description("download a model into the Hub's shared cache; what is there is kept")
    .action(async (name: string, { device, json }: DeviceOption) => {
      const checks = await operateOn("pull_model", async (opened) => {
        const model = find(opened.models, name);
        await pull(opened, model, device);
        return verify(opened, [model], device);
      });
      report(checks, json);
    });

  withDevice(command.command("verify [model]"))
    .description("compare every file on this machine with its checksum; without a name, every model that is here")
    .action(async (name: string | undefined, { device, json }: DeviceOption) => {
      const checks = await operateOn("verify_models", (opened) => {
        const { files, models } = opened;
        const here = () => allModels(models).filter((model) => files.missing(model, device).length === 0);
        return verify(opened, name === undefined ? here() : [find(models, name)], device);
      });
      report(checks, json);
    });

  withDevice(command.command("path <model>"))
    .description("where its files are")
    .action(async (name: string, { device, json }: DeviceOption) => {
      const { model, paths } = await operateOn("model_paths", async ({ files, models }) => {
        const found = find(models, name);
        return { model: found.id, paths: files.paths(found, device) };
      });
      shell.print(json ? { model, paths } : paths.join("\n"));
      finish(EXIT.ok);
    });

  withJson(command.command("rm <model>"))
    .description("remove a downloaded model from the shared cache; Python programs lose it too")
    .option("--yes", "do not ask")
    .action(async (name: string, { yes, json }: JsonOption & { yes?: boolean }) => {
      const { boot, live } = loadConfig(shell.env());
      const { hubCache } = boot.downloads;
      const { id } = find(live.models, name);
      const wanted = yes === true || (await confirmed(`Remove ${id} from ${hubCache}?`, shell.signal));
      const removed = wanted
        ? await operateOn("remove_model", ({ files, models }) => files.remove(find(models, name)))
        : 0;
      if (json) shell.print({ model: id, cache: hubCache, removed });
      else if (wanted) shell.print(removed === 0 ? `${id} was not in ${hubCache}.` : `Removed ${removed} files.`);
      finish(wanted ? EXIT.ok : EXIT.failed);
    });

  function report(checks: readonly Check[], json: boolean | undefined): void {
    const ok = checks.every((check) => check.ok);
    if (json) shell.print({ ok, files: checks });
    else for (const check of checks) shell.print(verdict(check));
    finish(ok ? EXIT.ok : EXIT.failed);
  }

  for (const sub of command.commands) sub.exitOverride();
  return command;
}

/** Progress goes to stderr. */
async function pull({ call, files }: Opened, model: CatalogModel, device: Device): Promise<void> {
  const view = createProgressView();
  try {
    await files.pull(call, model, device, {
      onProgress: (done, total) =>
        view.update({ done, total, message: `${model.id}: ${megabytes(done)} of ${megabytes(total)} MB` }),
      onFirstPin: (file, sha256) => tell(`${file} is pinned now: sha256 ${sha256}`),
    });
  } finally {
    view.stop();
  }
}

async function verify({ call, files }: Opened, models: readonly CatalogModel[], device: Device): Promise<Check[]> {
  const checks: Check[] = [];
  for (const model of models) {
    for (const { file, expected, found } of await files.verify(call, model, device)) {
      checks.push({ model: model.id, file, expected, found, ok: found === expected });
    }
  }
  return checks;
}

function verdict({ model, file, expected, found, ok }: Check): string {
  return `${model} ${file}: sha256 ${found} ${ok ? "ok" : `WRONG, expected ${expected}`}`;
}

function withJson(command: Command): Command {
  return command.option("--json", "the answer as JSON");
}

function withDevice(command: Command): Command {
  return withJson(command).option(
    "--device <device>",
    "cpu or cuda: they use different files",
    (value) => {
      if (value === "cpu" || value === "cuda") return value;
      throw new AppError("bad_request", `${value} is not a device.`, { remedy: "Use cpu or cuda." });
    },
    "cpu",
  );
}

function allModels({ embedders, crossEncoders }: Catalog): readonly CatalogModel[] {
  return [...embedders, ...crossEncoders];
}

function find(models: Catalog, name: string): CatalogModel {
  const model = findModel(allModels(models), name);
  if (model !== undefined) return model;
  throw new AppError("not_found", `There is no model "${name}" in the catalogue.`, {
    remedy: "See `aura-retrieval models list`.",
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function line(model: {
  id: string;
  kind: string;
  here: boolean;
  bundled: boolean;
  bytes?: number | undefined;
  licence: string;
}): string {
  const size = model.bytes === undefined ? "size unknown" : `${megabytes(model.bytes)} MB`;
  return `${model.here ? "*" : " "} ${model.id}  ${model.kind}  ${size}  ${model.licence}${model.bundled ? "  bundled" : ""}`;
}
