#!/usr/bin/env node
/** Entry: the server without arguments, a CLI command with them. The only reader of process.env and caller of process.exit. */
import type { App } from "./app/app.js";
import type { Config, Env } from "./config/load.js";
import { AppError } from "./core/errors.js";
import { sanitize } from "./core/sanitize.js";
import type { HttpServer } from "./server/http/start.js";
import { loseRatherThanWait, reserveStdout } from "./server/standard-streams.js";

const EX_USAGE = 2;
const EX_CONFIG = 78;
const EX_IOERR = 74;
/** A host that ended us waits no longer than this. */
const CLOSE_WITHIN_MS = 1_800;
/** Nor do we, for a host to read the last lines of the log. */
const READ_WITHIN_MS = 200;
/** A host asks for the handshake and the list of tools at once; a tool call opens the rest if it comes first. */
const OPEN_AFTER_MS = 200;
/** It is through with asking then: what loads takes no time from an answer. */
const QUIET_MS = 500;

/** Resolves when what was written has left this process, or never will. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => stream.write("", () => done()));
}

function closeOnce(close: () => Promise<unknown>): (code: number) => void {
  let closing = false;
  return (code) => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(code), CLOSE_WITHIN_MS).unref();
    void close()
      .finally(() => Promise.race([written(process.stderr), new Promise((done) => setTimeout(done, READ_WITHIN_MS))]))
      .finally(() => process.exit(code));
  };
}

function failConfig(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== "config") throw error;
  process.stderr.write(
    `aura-retrieval: configuration\n${error.message.replace(/^/gm, "  ")}\n${error.remedy} Then start again. (${error.runbook})\n`,
  );
  process.exit(EX_CONFIG);
}

/** To somebody who started the server as if it were a program of its own. */
function sayWhoIsMissing(stdin: string): void {
  process.stderr.write(
    `aura-retrieval: no client speaks to this server: its stdin ${stdin}. It serves MCP on stdin and stdout, and a client starts it:
  claude mcp add aura-retrieval -- node ${process.argv[1]}
For clients over HTTP: aura-retrieval serve --http. In a container keep stdin open: docker run -i. Commands: aura-retrieval --help\n`,
  );
}

/** @param file of `--env-file` */
async function serve(file?: string): Promise<void> {
  let reload = () => {}; // what is read later is new
  process.on("SIGHUP", () => reload());
  loseRatherThanWait(process.stderr);
  const stdout = reserveStdout();
  const [{ settingsSource, watchFiles }, { loadConfig }, { startStdio }] = await Promise.all([
    import("./config/settings-source.js"),
    import("./config/load.js"),
    import("./server/stdio.js"),
  ]);
  const source = settingsSource(process.env, file);
  const load = () => loadConfig(source.read());
  const config = await Promise.resolve().then(load).catch(failConfig);
  let opening: Promise<App> | undefined;
  const open = () => {
    opening ??= openConfigured(config, load);
    return opening;
  };
  let quiet: NodeJS.Timeout | undefined;
  let isWarm = false;
  // Who only looks what the server speaks ends it before that.
  const warmWhenQuiet = () => {
    clearTimeout(quiet);
    quiet = isWarm ? undefined : setTimeout(warm, QUIET_MS);
  };
  const warm = () => {
    if (!server.isIdle) return; // its answer comes back here
    isWarm = true;
    void open().then(
      (app) => app.warmUp(),
      () => undefined, // calls of tools report it
    );
  };
  const server = startStdio(config.boot, open, stdout, {
    onEnded(asked) {
      if (!asked) close(EX_IOERR);
      else if (server.hasHeard) close(0);
      else {
        sayWhoIsMissing("is closed");
        close(EX_USAGE);
      }
    },
    onAnswered: warmWhenQuiet,
  });
  const close = closeOnce(() => server.close().finally(() => opening?.then((app) => app.close())));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => close(0));
  if (process.stdin.isTTY) sayWhoIsMissing("is a terminal");
  process.stdout.on("error", () => close(EX_IOERR));
  reload = () =>
    void open().then(
      (app) => app.reload(),
      () => undefined,
    );
  logRejections(open);
  // After the first answers: neither the pipeline's modules nor an occupied port must delay the handshake.
  setTimeout(
    () =>
      open().then(
        (app) => begin(app, () => watchFiles(source, () => reload())),
        // Calls of tools report it too; the log is part of what did not open.
        (error: unknown) => void process.stderr.write(`aura-retrieval: ${sanitize(String((error as Error).stack))}\n`),
      ),
    OPEN_AFTER_MS,
  );
}

/** @param file of `--env-file` @throws AppError for an address that cannot be used */
async function serveHttp(file?: string): Promise<void> {
  loseRatherThanWait(process.stderr);
  let app: App | undefined;
  let server: HttpServer | undefined;
  let isStopping = false;
  const now = new AbortController();
  const close = closeOnce(async () => app?.close());
  const stop = (hasBalancer: boolean) => {
    if (isStopping) return now.abort();
    isStopping = true;
    void Promise.resolve(server?.stop(now.signal, hasBalancer)).finally(() => close(0));
  };
  process.on("SIGTERM", () => stop(true));
  process.on("SIGINT", () => stop(false)); // somebody typed it
  const [{ settingsSource, watchFiles }, { loadConfig }, { startHttp }] = await Promise.all([
    import("./config/settings-source.js"),
    import("./config/load.js"),
    import("./server/http/start.js"),
  ]);
  const source = settingsSource(process.env, file);
  const load = () => loadConfig(source.read());
  const opened = await openConfigured(load(), load);
  app = opened;
  logRejections(async () => opened);
  server = await startHttp(opened);
  process.stderr.write(`aura-retrieval: serving MCP at ${server.address}\n`);
  process.on("SIGHUP", () => {
    server?.renew();
    void opened.reload();
  });
  begin(opened, () => watchFiles(source, () => void opened.reload()));
  await opened.warmUp();
  server.ready();
}

/** What a server does beside answering. */
function begin(app: App, watchSettings: () => unknown): void {
  app.openSidePort();
  watchSettings();
  if (app.boot.watch) void app.keepFresh();
}

function logRejections(open: () => Promise<App>): void {
  process.on("unhandledRejection", (reason) =>
    Promise.all([open(), import("./core/error-trace.js")]).then(
      ([app, { traceOf }]) => app.log.error("unhandled rejection", { err: traceOf(reason) }),
      () => undefined, // another one would come back here
    ),
  );
}

/** @throws AppError `config`: the command reports it */
async function openApp(env: Env): Promise<App> {
  const [{ loadConfig }, { forCommand }] = await Promise.all([import("./config/load.js"), import("./config/boot.js")]);
  const config = loadConfig(env);
  return openConfigured({ ...config, boot: forCommand(config.boot) });
}

async function openConfigured(config: Config, load?: () => Config): Promise<App> {
  const { createApp } = await import("./app/app.js");
  const app = createApp(config, load);
  for (const warning of config.warnings) app.log.warn(warning);
  return app;
}

const args = process.argv.slice(2);
// One that comes while the command line is being read must not end the server that it starts.
if (args.includes("serve")) process.on("SIGHUP", () => {});
if (args.length === 0) {
  await serve();
} else {
  process.stdout.on("error", () => process.exit(0)); // the reader of a pipe has seen enough
  const { runCli } = await import("./cli/index.js");
  const code = await runCli(args, { env: process.env, openApp, serve, serveHttp });
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}
