#!/usr/bin/env node
/** Entry: the server without arguments, a CLI command with them. The only reader of process.env and caller of process.exit. */
import { Writable } from "node:stream";
import type { App } from "./compose.js";
import type { Env } from "./config/load.js";
import { AppError } from "./core/errors.js";

const EX_CONFIG = 78;
/** A host that ended us waits no longer than this. */
const CLOSE_WITHIN_MS = 1_800;

/** The real stdout is kept for the protocol; whatever a library prints goes to stderr. */
function reserveStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({ decodeStrings: false, write: (chunk, _encoding, done) => void write(chunk, done) });
}

function closeOnce(app: App, server?: { close(): Promise<void> }): (code: number) => void {
  let closing = false;
  return (code) => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(code), CLOSE_WITHIN_MS).unref();
    void Promise.allSettled([server?.close(), app.close()]).then(() => process.exit(code));
  };
}

function failConfig(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== "config") throw error;
  process.stderr.write(
    `aura-retrieval: configuration\n${error.message.replace(/^/gm, "  ")}\n${error.remedy} (${error.runbook})\n`,
  );
  process.exit(EX_CONFIG);
}

async function serve(env: Env): Promise<void> {
  const stdout = reserveStdout();
  const app = await openApp(env).catch(failConfig);
  const { startStdio } = await import("./server/stdio.js");
  const server = startStdio(app, stdout);
  const close = closeOnce(app, server);
  for (const event of ["end", "close"] as const) process.stdin.once(event, () => close(0));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => close(0));
  process.stdout.on("error", () => close(0)); // the host is gone
  process.on("unhandledRejection", (reason) => app.log.error(`unhandled rejection: ${String(reason)}`));
  // After the first answers: an occupied or slow port must not delay the handshake.
  setImmediate(() => app.openSidePort());
}

/** @throws AppError `config`: the server ends with it, a command reports it. */
async function openApp(env: Env): Promise<App> {
  // Loaded only now, when the server has its stdout to itself: a library may print while it loads.
  const [{ compose }, { loadConfig }] = await Promise.all([import("./compose.js"), import("./config/load.js")]);
  const config = loadConfig(env);
  const app = compose(config);
  for (const warning of config.warnings) app.log.warn(warning);
  return app;
}

const args = process.argv.slice(2);
if (args.length === 0) {
  await serve(process.env);
} else {
  process.stdout.on("error", () => process.exit(0)); // the reader of a pipe has seen enough
  const { runCli } = await import("./cli/index.js");
  process.exit(await runCli(args, { env: process.env, openApp, serve }));
}
