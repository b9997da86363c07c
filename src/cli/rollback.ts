/** `aura-retrieval rollback [collection]` */
import { Command } from "commander";
import { EXIT } from "./exit-codes.js";
import { operateOnce, type Shell } from "./shell.js";

export function rollbackCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("rollback")
    .description("serve the previous version of a collection again")
    .argument("[collection]", "default: the configured one")
    .option("--to <version>", "a version that `aura-retrieval collections` lists")
    .option("--json", "the answer as JSON")
    .action(async (collection: string | undefined, options: { to?: string; json?: boolean }) => {
      const { alias, from, to } = await operateOnce(shell, "rollback", async (app, call) => {
        const alias = collection ?? app.live.collection;
        return { alias, ...(await app.rollback(call, call.access.collection(alias), options.to)) };
      });
      shell.print(options.json ? { collection: alias, from, to } : `"${alias}" now serves ${to} (before: ${from}).`);
      finish(EXIT.ok);
    });
}
