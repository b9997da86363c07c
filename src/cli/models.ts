/** `aura-retrieval models list|pull|verify|path|rm` */
import { Command } from "commander";
import { type CatalogModel, findModel } from "../config/catalog.js";
import { type Config, loadConfig } from "../config/load.js";
import { AppError } from "../core/errors.js";
import { confirmed } from "./confirm.js";
import { EXIT } from "./exit-codes.js";
import { createProgressView } from "./progress.js";
import type { Shell } from "./shell.js";

interface DeviceOption {
  readonly device: "cpu" | "cuda";
}

export function modelsCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("models").description("the models this version knows: on this machine, or on the Hub");
  const config = () => loadConfig(shell.env());
  const { openModels } = shell;

  command
    .command("list")
    .description("all models; * is on this machine")
    .option("--json", "the answer as JSON")
    .action(async (options: { json?: boolean }) => {
      const { describeModels } = await openModels();
      const models = describeModels(config());
      shell.print(options.json ? JSON.stringify({ models }) : models.map(line).join("\n"));
      finish(EXIT.ok);
    });

  withDevice(command.command("pull <model>"))
    .description("download a model into the Hub's shared cache; what is there is kept")
    .action(async (name: string, { device }: DeviceOption) => {
      const [{ pull }, settings] = [await openModels(), config()];
      const model = find(settings, name);
      const view = createProgressView();
      try {
        await pull(settings, model, device, {
          signal: shell.signal,
          onProgress: (done, total) =>
            view.update({ done, total, message: `${model.id}: ${megabytes(done)} of ${megabytes(total)} MB` }),
          onFirstPin: (file, sha256) => process.stderr.write(`${file} is pinned now: sha256 ${sha256}\n`),
        });
      } finally {
        view.stop();
      }
      finish(await verifyAndPrint(settings, model, device));
    });

  withDevice(command.command("verify [model]"))
    .description("compare every file on this machine with its checksum; without a name, every model that is here")
    .action(async (name: string | undefined, { device }: DeviceOption) => {
      const settings = config();
      const { missingFiles } = await openModels();
      const here = allModels(settings).filter((model) => missingFiles(settings, model, device).length === 0);
      let code: number = EXIT.ok;
      for (const model of name === undefined ? here : [find(settings, name)]) {
        code = Math.max(code, await verifyAndPrint(settings, model, device));
      }
      finish(code);
    });

  withDevice(command.command("path <model>"))
    .description("where its files are")
    .action(async (name: string, { device }: DeviceOption) => {
      const [{ filesHere }, settings] = [await openModels(), config()];
      for (const { path } of filesHere(settings, find(settings, name), device)) shell.print(path);
      finish(EXIT.ok);
    });

  command
    .command("rm <model>")
    .description("remove a downloaded model from the shared cache; Python programs lose it too")
    .option("--yes", "do not ask")
    .action(async (name: string, { yes }: { yes?: boolean }) => {
      const [{ removeModel }, settings] = [await openModels(), config()];
      const model = find(settings, name);
      if (!yes && !(await confirmed(`Remove ${model.id} from ${settings.hubCache}?`, shell.signal))) {
        return finish(EXIT.failed);
      }
      const removed = await removeModel(settings, model);
      shell.print(removed === 0 ? `${model.id} was not in ${settings.hubCache}.` : `Removed ${removed} files.`);
      finish(EXIT.ok);
    });

  async function verifyAndPrint(settings: Config, model: CatalogModel, device: "cpu" | "cuda"): Promise<number> {
    const { verifyModel } = await openModels();
    const checks = await verifyModel(settings, model, device);
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

function allModels({ models }: Config): readonly CatalogModel[] {
  return [...models.embedders, ...models.crossEncoders];
}

function find(config: Config, name: string): CatalogModel {
  const model = findModel(allModels(config), name);
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
  bytes?: number;
  licence: string;
}): string {
  const size = model.bytes === undefined ? "size unknown" : `${megabytes(model.bytes)} MB`;
  return `${model.here ? "*" : " "} ${model.id}  ${model.kind}  ${size}  ${model.licence}${model.bundled ? "  bundled" : ""}`;
}
