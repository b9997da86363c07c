/** Logs for people and hosts, one line of JSON each, to stderr: stdout belongs to the protocol. */
import { createRequire } from "node:module";
import type * as Pino from "pino";

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type LogLine = (message: string, fields?: Readonly<Record<string, unknown>>) => void;
/** An error belongs under `err` in the fields. */
export type Logger = Readonly<Record<Exclude<LogLevel, "silent">, LogLine>>;

/**
 * Written at once, so that the last line before an exit is there. Costs nothing until the first line is written:
 * then pino is loaded (25 ms measured).
 * @param level read for each line: it may change while the server runs
 */
export function createLogger(level: () => LogLevel): Logger {
  let opened: Pino.Logger | undefined;
  const at =
    (name: keyof Logger): LogLine =>
    (message, fields = {}) => {
      if (LOG_LEVELS.indexOf(name) < LOG_LEVELS.indexOf(level())) return;
      opened ??= open();
      opened[name](fields, message);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function open(): Pino.Logger {
  const { pino } = createRequire(import.meta.url)("pino") as typeof Pino;
  return pino(
    { level: "debug", timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ dest: 2, sync: true }),
  );
}
