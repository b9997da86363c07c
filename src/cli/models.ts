/** `aura-retrieval models list|pull|verify|path|rm` */
import { Command } from "commander";
import { loadConfig } from "../config/load.js";
import { openCall } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { Device } from "../core/profile.js";
import { type Catalog, type CatalogModel, findModel } from "../models/catalog.js";
import { confirmed } from "./confirm.js";
import { EXIT } from "./exit-codes.js";
import { createProgressView } from "./progress.js";
import { ACCESS, OPERATOR, type Shell } from "./shell.js";

interface DeviceOption {
  readonly device: Device;
}

export function modelsCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("models").description("the models this version knows: on this machine, or on the Hub");

  /** What models need: no store, so no app. */
  async function open() {
    const { boot, live } = loadConfig(shell.env());
    const { ModelFiles } = await import("../models/model-files.js");
    const { call } = openCall({ principal: OPERATOR, access: ACCESS, signal: shell.signal });
    return { call, files: new ModelFiles(boot), models: live.models, hubCache: boot.downloads.hubCache };
  }

  command
    .command("list")
    .description("all models; * is on this machine")
    .option("--json", "the answer as JSON")
    .action(async (options: { json?: boolean }) => {
      const { files, models } = await open();
      const described = files.describe(models);
      shell.print(options.json ? JSON.stringify({ models: described }) : described.map(line).join("\n"));
      finish(EXIT.ok);
    });

  withDevice(command.command("pull <model>"))
    .description("download a model into the Hub's shared cache; what is there is kept")
    .action(async (name: string, { device }: DeviceOption) => {
      const opened = await open();
      const model = find(opened.models, name);
      const view = createProgressView();
      try {
        await opened.files.pull(opened.call, model, device, {
          onProgress: (done, total) =>
            view.update({ done, total, message: `${model.id}: ${megabytes(done)} of ${megabytes(total)} MB` }),
          onFirstPin: (file, sha256) => process.stderr.write(`${file} is pinned now: sha256 ${sha256}\n`),
        });
      } finally {
        view.stop();
      }
      finish(await verifyAndPrint(opened, model, device));
    });

  withDevice(command.command("verify [model]"))
    .description("compare every file on this machine with its checksum; without a name, every model that is here")
    .action(async (name: string | undefined, { device }: DeviceOption) => {
      const opened = await open();
      const here = allModels(opened.models).filter((model) => opened.files.missing(model, device).length === 0);
      let code: number = EXIT.ok;
      for (const model of name === undefined ? here : [find(opened.models, name)]) {
        code = Math.max(code, await verifyAndPrint(opened, model, device));
      }
      finish(code);
    });

  withDevice(command.command("path <model>"))
    .description("where its files are")
    .action(async (name: string, { device }: DeviceOption) => {
      const { files, models } = await open();
      for (const path of files.paths(find(models, name), device)) shell.print(path);
      finish(EXIT.ok);
    });

  command
    .command("rm <model>")
    .description("remove a downloaded model from the shared cache; Python programs lose it too")
    .option("--yes", "do not ask")
    .action(async (name: string, { yes }: { yes?: boolean }) => {
      const { files, models, hubCache } = await open();
      const model = find(models, name);
      if (!yes && !(await confirmed(`Remove ${model.id} from ${hubCache}?`, shell.signal))) {
        return finish(EXIT.failed);
      }
      const removed = await files.remove(model);
      shell.print(removed === 0 ? `${model.id} was not in ${hubCache}.` : `Removed ${removed} files.`);
      finish(EXIT.ok);
    });

  async function verifyAndPrint(
    { call, files }: Awaited<ReturnType<typeof open>>,
    model: CatalogModel,
    device: Device,
  ): Promise<number> {
    const checks = await files.verify(call, model, device);
    for (const { file, expected, found } of checks) {
      const verdict = found === expected ? "ok" : `WRONG, expected ${expected}`;
      shell.print(`${model.id} ${file}: sha256 ${found} ${verdict}`);
    }
    return checks.every(({ expected, found }) => expected === found) ? EXIT.ok : EXIT.failed;
  }

  for (const sub of command.commands) sub.exitOverride();
  return command;
}

function withDevice(command: Command): Command {
  return command.option(
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
