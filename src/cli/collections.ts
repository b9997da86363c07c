/** `aura-retrieval collections list|describe|drop` */
import { Command } from "commander";
import { fingerprintLabel } from "../core/fingerprint.js";
import type { CollectionInfo } from "../core/types.js";
import { confirmed } from "./confirm.js";
import { EXIT } from "./exit-codes.js";
import { operateOnce, type Shell } from "./shell.js";
import { table } from "./table.js";

interface JsonOption {
  readonly json?: boolean;
}

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
    .command("drop <version>")
    .description("delete a version that is not served")
    .option("--yes", "do not ask")
    .option("--json", "the answer as JSON")
    .action(async (version: string, { yes, json }: JsonOption & { yes?: boolean }) => {
      const dropped = yes === true || (await confirmed(`Drop ${version}? It cannot be undone.`, shell.signal));
      if (dropped) await operateOnce(shell, "drop", (app, call) => app.drop(call, call.access.collection(version)));
      if (json) shell.print({ version, dropped });
      else if (dropped) shell.print(`Dropped ${version}.`);
      finish(dropped ? EXIT.ok : EXIT.failed);
    });

  for (const sub of command.commands) sub.exitOverride();
  return command;
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
