/** `aura-retrieval index <source>` */
import { Command } from "commander";
import { reindexOperation } from "../api/reindex/operation.js";
import { presentJob } from "../api/reindex/present.js";
import { renderJob } from "../api/reindex/render.js";
import type { OperatorOptions } from "../api/reindex/run.js";
import type { App } from "../app/app.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import { EXIT } from "./exit-codes.js";
import { readGolden } from "./golden.js";
import { createProgressView } from "./progress.js";
import { ask, operate, type Shell } from "./shell.js";
import { tell } from "./terminal.js";

interface Options {
  collection?: string;
  name?: string;
  full?: boolean;
  dryRun?: boolean;
  json?: boolean;
  watch?: boolean;
  snapshot?: boolean;
  golden?: string;
  takeName?: boolean;
}

export function indexCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("index")
    .description("index a folder, a file, or collection:<name> (what is there, embedded again)")
    .argument(
      "<source>",
      "folder or file: Markdown, text, source code, HTML, PDF, Office files, EPUB, notebooks, e-mail, JSONL",
    )
    .option("--collection <name>", "collection to index into")
    .option("--name <name>", "what the source is called in answers and addresses; default: by its place")
    .option("--full", "build a new version, verify it, switch to it")
    .option("--dry-run", "only say what would change")
    .option("--json", "the answer as JSON")
    .option("--snapshot", "keep a snapshot of the version that serves now, before it is replaced or changed")
    .option("--golden <file>", "JSONL of questions and their documents; a full run switches only when all are found")
    .option(
      "--take-name",
      "of collection:<name> on a Qdrant, made by something else: an alias takes that name; what has it is copied, then deleted",
    )
    .option("--watch", "then keep it fresh until Ctrl-C: every burst of changes is one incremental run")
    .action(async (source: string, options: Options) => {
      if (options.watch) {
        finish(await shell.withApp((app) => watchUntilStopped(app, shell, source, options)));
        return;
      }
      const operator = operatorOptions(options);
      const input = {
        source,
        mode: options.full ? "full" : "incremental",
        dry_run: options.dryRun ?? false,
        wait: true,
        collection: options.collection,
      };
      const view = createProgressView();
      const { value, text } = await shell
        .withApp(async (app) => {
          if (operator.takeName) await announceDeletion(app, shell, options.collection ?? app.live.collection);
          const { signal } = shell;
          return ask(app, reindexOperation(operator), input, { signal, onProgress: view.update });
        })
        .finally(() => view.stop());
      shell.print(options.json ? value : text);
      finish(EXIT.ok);
    });
}

function operatorOptions({ name, snapshot, golden, takeName, dryRun }: Options): OperatorOptions {
  if (dryRun && (snapshot || golden !== undefined || takeName)) {
    throw new AppError("bad_request", "--dry-run goes with none of --snapshot, --golden and --take-name.", {
      remedy: "Leave --dry-run or the others out: it changes nothing.",
    });
  }
  return {
    name,
    snapshot,
    golden: golden === undefined ? undefined : readGolden(golden),
    takeName,
  };
}

/** Before anything is done: what will be gone, and what of it is kept. */
async function announceDeletion(app: App, shell: Shell, collection: string): Promise<void> {
  const info = await operate(shell, app, "describe", (call) => app.describe(call, call.access.collection(collection)));
  if (info === undefined || info.spec !== undefined || info.name !== collection) return;
  tell(
    `--take-name: the collection "${collection}" (${info.points} points) will be copied to ${collection}_legacy_<time>, compared with the copy, and deleted; an alias then has its name.`,
  );
}

/** The first run is always reported, later ones when they changed something. Ctrl-C is the way to end it, not a failure. */
async function watchUntilStopped(app: App, shell: Shell, source: string, options: Options): Promise<number> {
  const { name, full, dryRun, snapshot, golden, takeName } = options;
  if (name !== undefined || full || dryRun || snapshot || golden !== undefined || takeName) {
    throw new AppError(
      "bad_request",
      "--watch goes with none of --name, --full, --dry-run, --snapshot, --golden and --take-name.",
      {
        remedy: "Run the command without --watch first.",
      },
    );
  }
  throwIfAborted(shell.signal);
  const stopped = new Promise((resolve) => shell.signal.addEventListener("abort", resolve, { once: true }));
  let runs = 0;
  await operate(shell, app, "watch", async (call) => {
    await app.watch(call, {
      source,
      collection: call.access.collection(options.collection ?? app.live.collection),
      onJob(job) {
        const { added, changed, removed, held = 0 } = job.documents;
        if (runs++ > 0 && added + changed + removed + held + job.failedTotal === 0) return;
        shell.print(options.json ? { job: presentJob(job) } : renderJob(job));
      },
      onError: (error) => tell(`aura-retrieval: ${error.message}\n  ${error.remedy}`),
    });
    await stopped;
  }).catch((error: unknown) => {
    if (!shell.signal.aborted) throw error;
  });
  return EXIT.ok;
}
