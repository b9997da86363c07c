/** `aura-retrieval search <query>` */
import { Command, InvalidArgumentError } from "commander";
import { retrieveOperation } from "../api/retrieve.js";
import { EXIT } from "./exit-codes.js";
import { runOperation } from "./run-operation.js";
import type { Shell } from "./shell.js";

interface Options {
  collection?: string;
  top: number;
  mode?: string;
  minScore?: number;
  filter?: Record<string, unknown>;
  detail?: string;
  json?: boolean;
}

export function searchCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("search")
    .description("the passages that answer a question, best first")
    .argument("<query>", "question or keywords")
    .option("--collection <name>", "collection to search")
    .option("--top <n>", "most passages", Number, 5)
    .option("--mode <mode>", "hybrid, dense or lexical")
    .option("--min-score <score>", "leave out what scores below (0..1)", Number)
    .option("--filter <json>", 'for example \'{"extension":"md"}\'', parseJson)
    .option("--detail <detail>", "snippet, full or ids")
    .option("--json", "the answer as JSON")
    .action(async (query: string, options: Options) => {
      const { collection, top, mode, minScore, filter, detail } = options;
      const asked = { query, collection, top_k: top, mode, min_score: minScore, filter, detail };
      const input = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
      const exit = await shell.withApp(async (app) => {
        const operation = retrieveOperation(app.config.values.QUERY_MAX_CHARS);
        const { value, text } = await runOperation(app, operation, input, shell.signal);
        shell.print(options.json ? JSON.stringify(value) : text);
        return EXIT.ok;
      });
      finish(exit);
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("not JSON.");
  }
}
