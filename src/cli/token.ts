/** `aura-retrieval token create|list|revoke` */
import { Command } from "commander";
import type { TokenRecord } from "../auth/token-file.js";
import { loadConfig } from "../config/load.js";
import { AppError } from "../core/errors.js";
import { EXIT } from "./exit-codes.js";
import type { Shell } from "./shell.js";
import { table } from "./table.js";

interface JsonOption {
  readonly json?: boolean;
}

/** Loaded when it is needed: other commands, `serve` among them, start without it. */
const tokenFile = () => import("../auth/token-file.js");

const DAY_MS = 86_400_000;

export function tokenCommand(shell: Shell, finish: (code: number) => void): Command {
  const command = new Command("token").description("tokens of those who may call over HTTP: create, list, revoke");
  const file = () => {
    const { tokensFile } = loadConfig(shell.env()).boot.http;
    if (tokensFile !== undefined) return tokensFile;
    throw new AppError("config", "HTTP_TOKENS_FILE is not set.", { remedy: "Name the file that tokens are kept in." });
  };

  command
    .command("create <name>")
    .description("make a token for somebody, and print it this once")
    .option("--expires <when>", "a number of days, like 90d, or a date, like 2027-06-30; default: never")
    .option("--json", "the answer as JSON")
    .action(async (name: string, { expires, json }: JsonOption & { readonly expires?: string }) => {
      const until = expires === undefined ? undefined : dateOf(expires);
      const { addToken } = await tokenFile();
      const token = await addToken(file(), name, until);
      shell.print(json ? { name, token, expires: until?.toISOString() } : token);
      finish(EXIT.ok);
    });

  command
    .command("list", { isDefault: true })
    .description("whose tokens there are (the default)")
    .option("--json", "the answer as JSON")
    .action(async ({ json }: JsonOption) => {
      const { readTokens } = await tokenFile();
      const tokens = readTokens(file()).map(({ name, created, expires }) => ({ name, created, expires }));
      shell.print(json ? { tokens } : list(tokens));
      finish(EXIT.ok);
    });

  command
    .command("revoke <name>")
    .description("end a token; servers that run refuse it within a second")
    .option("--json", "the answer as JSON")
    .action(async (name: string, { json }: JsonOption) => {
      const { revokeToken } = await tokenFile();
      await revokeToken(file(), name);
      shell.print(json ? { revoked: name } : `The token "${name}" is revoked.`);
      finish(EXIT.ok);
    });

  for (const sub of command.commands) sub.exitOverride();
  return command;
}

/** @throws AppError `bad_request` */
function dateOf(text: string): Date {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const date = days === undefined ? new Date(text) : new Date(Date.now() + Number(days) * DAY_MS);
  const isDate = days !== undefined || /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text);
  if (isDate && date.getTime() > Date.now()) return date;
  throw new AppError("bad_request", "--expires: a number of days, or a date to come.", {
    remedy: "Write it like 90d or 2027-06-30.",
  });
}

function list(tokens: readonly Omit<TokenRecord, "sha256">[]): string {
  if (tokens.length === 0) return "No tokens yet. Make one: aura-retrieval token create <name>";
  return table(
    tokens.map(({ name, created, expires }) => {
      const isOver = expires !== undefined && Date.parse(expires) <= Date.now();
      return [
        name,
        `created ${created.slice(0, 10)}`,
        expires === undefined ? "never expires" : `${isOver ? "expired" : "expires"} ${expires.slice(0, 10)}`,
      ];
    }),
  );
}
