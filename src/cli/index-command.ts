/** `aura-retrieval index <source>` */
import { Command } from "commander";
import { presentJob, reindexOperation, renderJob } from "../api/reindex.js";
import type { App } from "../compose.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import { EXIT } from "./exit-codes.js";
import { readGolden } from "./golden.js";
import { createProgressView } from "./progress.js";
import { runOperation } from "./run-operation.js";
import type { Shell } from "./shell.js";

interface Options {
  collection?: string;
  full?: boolean;
  dryRun?: boolean;
  json?: boolean;
  watch?: boolean;
  snapshot?: boolean;
  golden?: string;
}

export function indexCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("index")
    .description("index a folder, a file, or collection:<name> (what is there, embedded again)")
    .argument("<source>", "folder or file: Markdown, text, source code, HTML, JSONL")
    .option("--collection <name>", "collection to index into")
    .option("--full", "build a new version, verify it, switch to it")
    .option("--dry-run", "only say what would change")
    .option("--json", "the answer as JSON")
    .option("--snapshot", "keep a snapshot of the version that serves now, before it is replaced or changed")
    .option("--golden <file>", "JSONL of questions and their documents; a full run switches only when all are found")
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
        ...(options.collection === undefined ? {} : { collection: options.collection }),
      };
      const exit = await shell.withApp(async (app) => {
        const view = createProgressView();
        try {
          const { value, text } = await runOperation(
            forOperator(app, operator),
            reindexOperation,
            input,
            shell.signal,
            view.update,
          );
          view.stop();
          shell.print(options.json ? JSON.stringify(value) : text);
          return EXIT.ok;
        } finally {
          view.stop();
        }
      });
      finish(exit);
    });
}

type OperatorOptions = Pick<Parameters<App["reindex"]>[0], "snapshot" | "golden">;

function operatorOptions({ snapshot, golden, dryRun }: Options): OperatorOptions {
  if (dryRun && (snapshot || golden !== undefined)) {
    throw new AppError("bad_request", "--dry-run goes with neither --snapshot nor --golden: it changes nothing.", {
      remedy: "Leave one of them out.",
    });
  }
  return { ...(snapshot ? { snapshot } : {}), ...(golden === undefined ? {} : { golden: readGolden(golden) }) };
}

/** The tool's operation, with what only an operator may ask of it. */
function forOperator(app: App, options: OperatorOptions): App {
  return { ...app, reindex: (request, ctx) => app.reindex({ ...request, ...options }, ctx) };
}

/** The first run is always told, later ones when they changed something. Ctrl-C is the way to end it, not a failure. */
async function watchUntilStopped(app: App, shell: Shell, source: string, options: Options): Promise<number> {
  if (options.full || options.dryRun || options.snapshot || options.golden !== undefined) {
    throw new AppError("bad_request", "--watch goes with none of --full, --dry-run, --snapshot and --golden.", {
      remedy: "Run the command without --watch first.",
    });
  }
  throwIfAborted(shell.signal);
  const stopped = new Promise((resolve) => shell.signal.addEventListener("abort", resolve, { once: true }));
  let runs = 0;
  await app.watch({
    source,
    collection: options.collection ?? app.config.values.QDRANT_COLLECTION,
    trusted: true,
    onJob(job) {
      const { added, changed, removed } = job.documents;
      if (runs++ > 0 && added + changed + removed + job.failedTotal === 0) return;
      shell.print(options.json ? JSON.stringify({ job: presentJob(job) }) : renderJob(job));
    },
    onError: (error) => void process.stderr.write(`aura-retrieval: ${error.message}\n  ${error.remedy}\n`),
  });
  await stopped;
  return EXIT.ok;
}
