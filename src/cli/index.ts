/** The command line: the same operations as the tools, for people and scripts. Answers on stdout, progress on stderr. */

import { Command, CommanderError } from "commander";
import type { App } from "../app/app.js";
import type { Env } from "../config/load.js";
import { findPackageRoot, readVersion } from "../config/package.js";
import { settingsSource } from "../config/settings-source.js";
import { AppError, cancelledError, toAppError } from "../core/errors.js";
import { collectionsCommand } from "./collections.js";
import { configCommand } from "./config.js";
import { evalCommand } from "./eval-command.js";
import { EXIT, exitCodeOf } from "./exit-codes.js";
import { forgetCommand } from "./forget.js";
import { healthCommand } from "./health.js";
import { indexCommand } from "./index-command.js";
import { jobsCommand } from "./jobs.js";
import { modelsCommand } from "./models.js";
import { rollbackCommand } from "./rollback.js";
import { searchCommand } from "./search.js";
import type { Shell } from "./shell.js";
import { snapshotCommand } from "./snapshot.js";
import { sourcesCommand } from "./sources.js";
import { print, tell } from "./terminal.js";
import { tokenCommand } from "./token.js";

export interface CliHost {
  readonly env: Env;
  openApp(env: Env): Promise<App>;
  /** @param file of settings, over which the environment stands */
  serve(file: string | undefined): Promise<void>;
  /** @throws AppError */
  serveHttp(file: string | undefined): Promise<void>;
}

const EXAMPLES = `
Examples:
  aura-retrieval index ./docs                     index a folder (again: only what changed)
  aura-retrieval search "how do I rotate keys?"   ask it
  aura-retrieval eval questions.jsonl             how good the answers are, on your own questions
  aura-retrieval health                           what works, what to do about the rest
  aura-retrieval                                  serve MCP on stdio (what your agent's host starts)
  aura-retrieval serve --http                     serve MCP at http://127.0.0.1:8765/mcp, for several clients

Settings are environment variables: aura-retrieval config print`;

/** @returns exit code */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  let code: number = EXIT.ok;
  const abort = new AbortController();
  process.once("SIGINT", () => abort.abort(cancelledError()));
  process.once("SIGTERM", () => abort.abort(cancelledError()));

  const program = new Command("aura-retrieval")
    .description("Retrieval server for LLM agents: hybrid search over your own documents, as MCP tools.")
    .version(readVersion(findPackageRoot()), "--version")
    .option("--env-file <file>", "read settings from this file too; the environment wins")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(run with --help for the commands)")
    .exitOverride();

  const envFile = () => program.opts<{ envFile?: string }>().envFile;
  const env = () => settingsSource(host.env, envFile()).read();
  const shell: Shell = {
    signal: abort.signal,
    env,
    print,
    openApp: (settings = {}) => host.openApp({ ...env(), ...settings }),
    async withApp(run) {
      const app = await shell.openApp();
      try {
        return await run(app);
      } finally {
        await app.close();
      }
    },
  };
  const finish = (exit: number) => {
    code = exit;
  };

  program
    .command("serve")
    .description("serve MCP on stdio (the default without arguments)")
    .option("--http", "over HTTP instead, at HTTP_LISTEN")
    .action(async ({ http }: { readonly http?: boolean }) => {
      await (http ? host.serveHttp(envFile()) : host.serve(envFile()));
      await new Promise(() => undefined); // ends with its host
    });
  for (const command of [
    indexCommand,
    searchCommand,
    evalCommand,
    healthCommand,
    jobsCommand,
    collectionsCommand,
    forgetCommand,
    rollbackCommand,
    snapshotCommand,
    sourcesCommand,
    modelsCommand,
    tokenCommand,
    configCommand,
  ]) {
    program.addCommand(command(shell, finish).exitOverride());
  }

  try {
    // As a default command of the parser's, `serve` would take a misspelled command for an argument of its own.
    const { operands, unknown } = program.parseOptions([...args]);
    const namesNothing = operands.length === 0 && unknown.length === 0;
    await program.parseAsync(namesNothing ? [...args, "serve"] : args, { from: "user" });
  } catch (error) {
    const json = args.includes("--json");
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      if (json) print(asJson(usageError(error)));
      return EXIT.usage;
    }
    const failure = abort.signal.aborted ? cancelledError() : toAppError(error);
    if (json) print(asJson(failure));
    tell(`aura-retrieval: ${failure.message}\n  ${failure.remedy} (${failure.runbook})`);
    if (failure.code === "bug" && failure.cause instanceof Error) tell(String(failure.cause.stack));
    return exitCodeOf(failure.code);
  }
  return code;
}

function asJson({ code, message, remedy, runbook }: AppError): object {
  return { error: { code, message, remedy, runbook } };
}

/** The parser has printed it as text; where it printed its help instead, it has no message. */
function usageError({ code, message }: CommanderError): AppError {
  const what = code === "commander.help" ? "No command is named." : message.replace(/^error: /, "");
  return new AppError("bad_request", what, { remedy: "See `aura-retrieval --help`." });
}
