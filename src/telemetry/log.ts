/** Logs for people and hosts, one line of JSON each, to stderr: stdout belongs to the protocol. */
import { createRequire } from "node:module";
import type * as Pino from "pino";
import { oneLine, sanitizeAll } from "../core/sanitize.js";
import { LineLimit } from "./line-limit.js";

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type LogLine = (message: string, fields?: Readonly<Record<string, unknown>>) => void;
/** An error belongs under `err` in the fields. */
export type Logger = Readonly<Record<Exclude<LogLevel, "silent">, LogLine>>;

/**
 * Written at once where stderr takes it, and never waited for. Costs nothing until the first line is written: then pino
 * is loaded (25 ms measured).
 * @param level read for each line: it may change while the server runs
 */
export function createLogger(level: () => LogLevel): Logger {
  let opened: Pino.Logger | undefined;
  const write = (name: keyof Logger, message: string, fields: object = {}) => {
    opened ??= open();
    opened[name](fields, oneLine(message));
  };
  const isWanted = (name: keyof Logger) => LOG_LEVELS.indexOf(name) >= LOG_LEVELS.indexOf(level());
  const limit = new LineLimit<keyof Logger>((name, line) => isWanted(name) && write(name, line));
  const at =
    (name: keyof Logger): LogLine =>
    (message, fields) => {
      if (isWanted(name) && limit.admits(name, message)) write(name, message, fields);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function open(): Pino.Logger {
  const { pino } = createRequire(import.meta.url)("pino") as typeof Pino;
  return pino(
    {
      level: "debug",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err(thrown: unknown) {
          if (!(thrown instanceof Error)) return thrown === undefined ? undefined : oneLine(String(thrown));
          // Other fields of an error may lead round in a circle.
          const { type, message, stack, code } = pino.stdSerializers.err(thrown);
          return sanitizeAll({ type, message, stack, code });
        },
      },
    },
    // pino's own destination waits until a full pipe is read.
    { write: (line) => void process.stderr.write(line) },
  );
}
