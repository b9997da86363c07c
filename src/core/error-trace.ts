/** Where an error arose, for logs: its kind, its code and its way through the program, without its words, which may quote a caller. */

export interface ErrorTrace {
  readonly type: string;
  readonly code?: string | undefined;
  readonly frames: readonly string[];
  readonly cause?: ErrorTrace | undefined;
}

const MOST_CAUSES = 5;

export function traceOf(thrown: unknown, causes = MOST_CAUSES): ErrorTrace {
  if (!(thrown instanceof Error)) return { type: typeof thrown, frames: [] };
  const { code } = thrown as NodeJS.ErrnoException;
  return {
    type: thrown.name,
    code: typeof code === "string" ? code : undefined,
    frames: framesOf(thrown),
    cause: thrown.cause === undefined || causes === 0 ? undefined : traceOf(thrown.cause, causes - 1),
  };
}

/** What follows the words, which may be of several lines; nothing where they were changed afterwards. */
function framesOf({ message, stack = "" }: Error): string[] {
  const words = stack.indexOf(message);
  if (words === -1) return [];
  const lines = stack.slice(words + message.length).split("\n");
  return lines.filter((line) => line.startsWith("    at ")).map((line) => line.trim());
}
