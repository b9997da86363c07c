/** `aura-retrieval forget <source | document | uri>` */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { decode, documentOf } from "../api/document/uri.js";
import type { App } from "../app/app.js";
import { AppError } from "../core/errors.js";
import { nothingToForget } from "../core/not-found.js";
import { confirmed } from "./confirm.js";
import { EXIT } from "./exit-codes.js";
import { createProgressView } from "./progress.js";
import { operate, type Shell } from "./shell.js";

interface Options {
  collection?: string;
  snapshots?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

type Plan = Awaited<ReturnType<App["planForgetting"]>>;
type Forgot = Awaited<ReturnType<App["forget"]>>;

/** What cannot be the name of a source, or of a document. */
const IS_PATH = /^(?:\.{1,2}(?:$|[/\\])|[/\\]|[A-Za-z]:[/\\])/;

/** What is to be forgotten, and where. */
interface Asked {
  readonly collection: string;
  readonly name: string;
}

export function forgetCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("forget")
    .description(
      "take a source or a document out of every version of a collection, and its bytes out of the data folder",
    )
    .argument("<name>", "a source, <source>/<path>, the `source.uri` of a passage, or a path: ./notes/diary.md")
    .option("--collection <name>", "default: that of the address, else the configured one")
    .option("--snapshots", "take it out of the collection's snapshots too: those that hold it are rewritten")
    .option("--dry-run", "say what would go")
    .option("--yes", "do not ask")
    .option("--json", "the answer as JSON")
    .action(async (name: string, options: Options) => {
      finish(await shell.withApp((app) => run(app, shell, name, options)));
    });
}

async function run(app: App, shell: Shell, name: string, options: Options): Promise<number> {
  const asked = askedOf(name, options.collection, app.live.collection);
  const print = (json: object, text: string) => shell.print(options.json ? json : text);
  if (options.dryRun || !options.yes) {
    const plan = await operate(shell, app, "plan_forgetting", (call) =>
      app.planForgetting(call, call.access.collection(asked.collection), asked.name),
    );
    if (options.dryRun) {
      if (plan.source === undefined && !(options.snapshots && plan.snapshots.length > 0))
        throw nothingToForget(name, plan);
      print({ ...plan, stillThere: isStillThere(plan) }, [`Would forget ${summary(plan)}.`, ...notes(plan)].join("\n"));
      return EXIT.ok;
    }
    // Where nothing of the name is left there is nothing to lose: the files are cleaned, and that is said.
    if (plan.source !== undefined || options.snapshots) {
      if (!(await confirmed(question(asked, plan, options), shell.signal))) return EXIT.failed;
    }
  }
  const forgot = await withProgress(shell, app, asked, options);
  print({ ...forgot, stillThere: isStillThere(forgot) }, report(asked, forgot).join("\n"));
  return forgot.damaged.length > 0 || (options.snapshots && forgot.snapshots.length > 0) ? EXIT.failed : EXIT.ok;
}

async function withProgress(shell: Shell, app: App, { collection, name }: Asked, options: Options): Promise<Forgot> {
  const view = createProgressView();
  const watched = { signal: shell.signal, onProgress: view.update };
  const request = { name, snapshots: options.snapshots ?? false };
  return operate(watched, app, "forget", (call) =>
    app.forget(call, call.access.collection(collection), request),
  ).finally(() => view.stop());
}

/** @throws AppError `bad_request` for an address of another collection than the one that is named */
function askedOf(name: string, collection: string | undefined, configured: string): Asked {
  const [, host, path] = /^aura:\/\/([^/]+)\/(.+)$/s.exec(name) ?? [];
  if (host === undefined || path === undefined) {
    return { collection: collection ?? configured, name: IS_PATH.test(name) ? fileUrl(name) : name };
  }
  const own = decode(host);
  if (collection !== undefined && collection !== own) {
    throw new AppError("bad_request", `The address is of the collection "${own}", not of "${collection}".`, {
      remedy: "Leave --collection out, or name the document without its address.",
    });
  }
  return { collection: own, name: documentOf(path) };
}

/** Of what may be gone: as far as it is there, links are followed, as they were when it was indexed. */
function fileUrl(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return pathToFileURL(realpathSync(whole)).href;
  const folder = dirname(whole);
  return existsSync(folder)
    ? pathToFileURL(join(realpathSync(folder), basename(whole))).href
    : pathToFileURL(whole).href;
}

function question({ name }: Asked, plan: Plan, { snapshots }: Options): string {
  const what = plan.source === undefined ? JSON.stringify(name) : summary(plan);
  const searched = snapshots ? `, and what ${plan.snapshots.length} snapshots hold of it` : "";
  const also = notes(plan).map((line) => `${line}\n`);
  return `${also.join("")}Forget ${what}${searched}? It cannot be undone.`;
}

function summary({ collection, source, document, versions }: Plan): string {
  const counts = versions.filter(({ documents }) => documents > 0);
  const most = Math.max(0, ...counts.map(({ documents }) => documents));
  const what =
    document === undefined ? `the source "${source}" with ${many(most, "document")}` : `${source}/${document}`;
  return `${what} in ${many(counts.length, "version")} of "${collection}"`;
}

/** What forgetting leaves, and what undoes it. */
function notes(plan: Plan): string[] {
  const { evaluations, elsewhere, damaged } = plan;
  return [
    ...evaluations.map((name) => `It is in the evaluation's index ${name}, which goes too.`),
    ...elsewhere.map(
      (name) => `It is in the collection "${name}" too, and stays there: forget it with --collection ${name}.`,
    ),
    ...damaged.map((name) => `${name} is damaged and may hold it: aura-retrieval collections drop ${name}`),
    ...(isStillThere(plan)
      ? [`${plan.place} is still there: the next run that reads it, a watching server's too, indexes it again.`]
      : []),
  ];
}

function report({ name }: Asked, forgot: Forgot): string[] {
  const { rewritten, snapshots, files } = forgot;
  const what = forgot.source === undefined ? `${JSON.stringify(name)} in snapshots` : summary(forgot);
  return [
    `Forgot ${what}.`,
    ...rewritten.map((snapshot) => `The snapshot ${snapshot.name} held it; ${snapshot.replacedBy} took its place.`),
    files === "cleaned"
      ? "Its bytes are gone from the store's files."
      : "The Qdrant takes the bytes out of its own files in its own time: docs/qdrant.md says how to make it do so.",
    ...(snapshots.length > 0
      ? [`Snapshots that may hold it: ${snapshots.join(", ")}. The same command with --snapshots takes it out of them.`]
      : []),
    ...notes({ ...forgot, evaluations: [] }),
  ];
}

function isStillThere({ place }: Pick<Plan, "place">): boolean {
  return place !== undefined && existsSync(place);
}

function many(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
