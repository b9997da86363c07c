/** The terminal: answers on stdout, everything else on stderr, both without what would drive it. */
import { sanitize, sanitizeAll } from "../core/sanitize.js";

/** @param answer an object is printed as JSON */
export function print(answer: string | object): void {
  // JSON escapes control characters: they are taken out before.
  const text = typeof answer === "string" ? sanitize(answer) : JSON.stringify(sanitizeAll(answer));
  process.stdout.write(`${text}\n`);
}

/** For people, beside the answer. */
export function tell(text: string): void {
  process.stderr.write(`${sanitize(text)}\n`);
}
