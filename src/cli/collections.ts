/** `aura-retrieval collections list|describe|drop` */
import { Command } from "commander";
import type { App } from "../app/app.js";
import { AppError } from "../core/errors.js";
import { fingerprintLabel } from "../core/fingerprint.js";
import type { CollectionInfo } from "../core/types.js";
import { confirmed } from "./confirm.js";
import { EXIT } from "./exit-codes.js";
import { operate, operateOnce, type Shell } from "./shell.js";
import { table } from "./table.js";

interface JsonOption {
  readonly json?: boolean;
}

interface DropOptions extends JsonOption {
  readonly yes?: boolean;
  readonly snapshots?: boolean;
}

type DroppedCollection = Awaited<ReturnType<App["dropCollection"]>>;

export function collectionsCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("collections").description("collections and their versions: list, describe, drop");

  command
    .command("list", { isDefault: true })
    .description("every version of every collection, newest first; * serves, e is kept for evaluations (the default)")
    .option("--json", "the answer as JSON")
    .action(async ({ json }: JsonOption) => {
      const collections = await operateOnce(shell, "collections", (app, call) => app.collections(call));
      shell.print(json ? { collections } : list(collections));
      finish(EXIT.ok);
    });

  command
    .command("describe <name>")
    .description("a collection's versions, or one version: model, analyser, size, age, state")
    .option("--json", "the answer as JSON")
    .action(async (name: string, { json }: JsonOption) => {
      const versions = await operateOnce(shell, "collections", (app, call) =>
        app.versions(call, call.access.collection(name)),
      );
      shell.print(json ? { name, versions } : versions.map(describe).join("\n\n"));
      finish(EXIT.ok);
    });

  command
    .command("drop <name>")
    .description("delete a version that is not served, or a collection with all of its versions")
    .option("--snapshots", "delete the collection's snapshots too")
    .option("--yes", "do not ask")
    .option("--json", "the answer as JSON")
    .action(async (name: string, options: DropOptions) => {
      finish(await shell.withApp((app) => drop(app, shell, name, options)));
    });

  for (const sub of command.commands) sub.exitOverride();
  return command;
}

async function drop(
  app: App,
  shell: Shell,
  name: string,
  { yes, json, snapshots = false }: DropOptions,
): Promise<number> {
  const versions = await operate(shell, app, "collections", (call) =>
    app.versions(call, call.access.collection(name)),
  ).catch(noneLeft);
  const isVersion = versions.length === 1 && versions[0]?.name === name;
  if (isVersion) {
    const dropped = yes === true || (await confirmed(`Drop ${name}? It cannot be undone.`, shell.signal));
    if (dropped) await operate(shell, app, "drop", (call) => app.drop(call, call.access.collection(name)));
    if (json) shell.print({ version: name, dropped });
    else if (dropped) shell.print(`Dropped ${name}.`);
    return dropped ? EXIT.ok : EXIT.failed;
  }
  // Where nothing is left, nothing can be lost: it is said, and what an earlier drop left is cleaned away.
  const dropped =
    yes === true || versions.length === 0 || (await confirmed(dropQuestion(name, versions, snapshots), shell.signal));
  if (!dropped) {
    if (json) shell.print({ collection: name, dropped });
    return EXIT.failed;
  }
  const gone = await operate(shell, app, "drop_collection", (call) =>
    app.dropCollection(call, call.access.collection(name), { snapshots }),
  );
  shell.print(json ? { collection: name, dropped, ...gone } : dropReport(name, gone));
  return EXIT.ok;
}

function noneLeft(error: unknown): readonly CollectionInfo[] {
  if (error instanceof AppError && error.code === "not_found") return [];
  throw error;
}

function dropQuestion(name: string, versions: readonly CollectionInfo[], snapshots: boolean): string {
  const serving = versions.find((info) => info.serving);
  const what = serving === undefined ? "nothing serves" : `${serving.documents} documents are served`;
  const also = snapshots ? ", and its snapshots" : "; its snapshots stay";
  return `Drop the collection "${name}" with all of its versions (${versions.length}; ${what})${also}? It cannot be undone.`;
}

function dropReport(name: string, { versions, deletedSnapshots, snapshots }: DroppedCollection): string {
  const lines = [`Dropped "${name}": ${versions.length} versions, ${deletedSnapshots.length} snapshots.`];
  if (snapshots.length > 0) {
    lines.push(`Its snapshots stay: ${snapshots.join(", ")}. Delete one: aura-retrieval snapshot delete <snapshot>`);
  }
  return lines.join("\n");
}

function list(collections: readonly CollectionInfo[]): string {
  if (collections.length === 0) return "No collections yet. Make one: aura-retrieval index <folder>";
  return table(
    collections.map((info) => [
      `${info.serving ? "*" : info.spec?.purpose === "evaluation" ? "e" : " "} ${info.alias}`,
      info.name,
      info.state,
      info.documents,
      "documents",
      info.points,
      "passages",
      info.spec ? fingerprintLabel(info.spec.fingerprint) : "unknown model",
      info.createdAt,
    ]),
  );
}

function describe(info: CollectionInfo): string {
  const { spec } = info;
  const facts: [string, string][] = [
    ["collection", info.alias],
    ["state", info.serving ? `${info.state}, serving` : info.state],
    ["documents", String(info.documents)],
    ["passages", String(info.points)],
    ["created", info.createdAt],
    ["dimension", String(info.dimension)],
  ];
  if (spec === undefined) facts.push(["model", "unknown: something else made this collection"]);
  else {
    const { model, sha256, pooling, queryPrefix, passagePrefix, maxTokens } = spec.fingerprint;
    facts.push(
      ["model", model],
      ["sha256", sha256],
      ["pooling", pooling],
      ["prefixes", `query ${JSON.stringify(queryPrefix)}, passage ${JSON.stringify(passagePrefix)}`],
      ["max tokens", String(maxTokens)],
      ["analyser", spec.analyser],
    );
  }
  return `${info.name}\n${table(facts.map(([name, value]) => [`  ${name}`, value]))}`;
}
