/** Problems of the connection as lines of the log, without anything a caller wrote: those of one kind read the same. */
import { UnsupportedProtocolVersionError } from "@modelcontextprotocol/server";

/** The library's own texts go on with what the caller sent. */
const LIBRARY = [
  "Discarded a JSON-RPC response",
  "Discarded a notification",
  "Rejected 2025-era request",
  "Discarded the probe instance",
] as const;

export function problemLine(problem: string | Error): string {
  return typeof problem === "string" ? `A message is refused: ${problem}` : ofError(problem);
}

function ofError(error: Error): string {
  if (error instanceof UnsupportedProtocolVersionError) return "A protocol version that is not served was asked for.";
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return `The connection failed with ${code}.`;
  const text = LIBRARY.find((start) => error.message.startsWith(start));
  return text === undefined ? `The protocol library failed with ${error.name}.` : `${text}.`;
}
