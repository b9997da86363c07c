/** `aura-retrieval index <source>` */
import { Command } from "commander";
import { reindexOperation } from "../api/reindex.js";
import { EXIT } from "./exit-codes.js";
import { createProgressView } from "./progress.js";
import { runOperation } from "./run-operation.js";
import type { Shell } from "./shell.js";

interface Options {
  collection?: string;
  full?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export function indexCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("index")
    .description("index a folder, a file, or collection:<name> (what is there, embedded again)")
    .argument("<source>", "folder or file: Markdown, text, source code, HTML, JSONL")
    .option("--collection <name>", "collection to index into")
    .option("--full", "build a new version, verify it, switch to it")
    .option("--dry-run", "only say what would change")
    .option("--json", "the answer as JSON")
    .action(async (source: string, options: Options) => {
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
          const { value, text } = await runOperation(app, reindexOperation, input, shell.signal, view.update);
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
