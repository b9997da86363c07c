/** `aura-retrieval search <query>` */
import { Command, InvalidArgumentError } from "commander";
import { retrieveOperation } from "../api/retrieve/operation.js";
import { EXIT } from "./exit-codes.js";
import { ask, type Shell } from "./shell.js";

interface Options {
  collection?: string;
  top: number;
  mode?: string;
  minScore?: number;
  filter?: Record<string, unknown>;
  detail?: string;
  profile?: string;
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
    .option("--profile <name>", "profile that answers: of the runbook, or of RETRIEVAL_PROFILES_FILE")
    .option("--json", "the answer as JSON")
    .action(async (query: string, options: Options) => {
      const { collection, top, mode, minScore, filter, detail, profile } = options;
      const asked = { query, collection, top_k: top, mode, min_score: minScore, filter, detail, profile };
      const input = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
      const { value, text } = await shell.withApp((app) => {
        // Whoever types may name a profile, whatever tools may.
        const operation = retrieveOperation({ ...app.boot, profileChoice: true });
        return ask(app, operation, input, shell);
      });
      shell.print(options.json ? value : text);
      finish(EXIT.ok);
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("not JSON.");
  }
}
