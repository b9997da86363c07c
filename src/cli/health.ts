/** `aura-retrieval health` */
import { Command } from "commander";
import { healthOperation } from "../api/health/operation.js";
import { EXIT } from "./exit-codes.js";
import { ask, type Shell } from "./shell.js";

export function healthCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("health")
    .description("what works, and what to do about the rest; exit code 0 ok, 1 degraded, 69 down")
    .option("--json", "the answer as JSON")
    .action(async (options: { json?: boolean }) => {
      const { value, text } = await shell.withApp((app) => ask(app, healthOperation, {}, shell));
      shell.print(options.json ? value : text);
      finish(value.status === "ok" ? EXIT.ok : value.status === "degraded" ? EXIT.failed : EXIT.unavailable);
    });
}
