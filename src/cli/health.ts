/** `aura-retrieval health` */
import { Command } from "commander";
import { healthOperation } from "../api/health.js";
import type { App } from "../app/app.js";
import { EXIT } from "./exit-codes.js";
import { runOperation } from "./run-operation.js";
import type { Shell } from "./shell.js";

export function healthCommand(shell: Shell, finish: (code: number) => void): Command {
  return new Command("health")
    .description("what works, and what to do about the rest; exit code 0 ok, 1 degraded, 69 down")
    .option("--json", "the answer as JSON")
    .action(async (options: { json?: boolean }) => {
      const exit = await shell.withApp(async (app) => {
        const { value, text } = await runOperation(ofCommand(app), healthOperation, {}, shell.signal);
        shell.print(options.json ? JSON.stringify(value) : text);
        return value.status === "ok" ? EXIT.ok : value.status === "degraded" ? EXIT.failed : EXIT.unavailable;
      });
      finish(exit);
    });
}

/** Nothing is starting here: the port belongs to the server. */
function ofCommand(app: App): App {
  const metrics = { state: "off", reason: "only the server opens its port" } as const;
  return { ...app, health: async (signal) => ({ ...(await app.health(signal)), metrics }) };
}
