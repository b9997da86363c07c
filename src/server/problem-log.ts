/** Problems of the connection in the log: one line for each kind, without anything a caller wrote. */
import { UnsupportedProtocolVersionError } from "@modelcontextprotocol/server";

/** The library's own texts go on with what the caller sent. */
const LIBRARY = [
  "Discarded a JSON-RPC response",
  "Discarded a notification",
  "Rejected 2025-era request",
  "Discarded the probe instance",
] as const;

/** @param write called once for each kind of problem */
export function problemLog(write: (line: string) => void): (problem: string | Error) => void {
  const seen = new Set<string>();
  return (problem) => {
    const kind = typeof problem === "string" ? `A message is refused: ${problem}` : kindOf(problem);
    if (seen.has(kind)) return;
    seen.add(kind);
    write(`${kind} Further ones of this kind are not logged.`);
  };
}

function kindOf(error: Error): string {
  if (error instanceof UnsupportedProtocolVersionError) return "A protocol version that is not served was asked for.";
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return `The connection failed with ${code}.`;
  const text = LIBRARY.find((start) => error.message.startsWith(start));
  return text === undefined ? `The protocol library failed with ${error.name}.` : `${text}.`;
}
