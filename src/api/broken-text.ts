/**
 * Text that no document and no name can hold: NUL, at which stores cut, and lone surrogates, which no encoding has. A field
 * named `__proto__` is none of JavaScript's: it would get lost on the way, and a filter with it.
 */
import { AppError } from "../core/errors.js";

const MOST_DEPTH = 16;

/** @throws AppError `bad_request` naming the field */
export function refuseBrokenText(value: unknown, path = "input", depth = 0): void {
  if (typeof value === "string") {
    const what = value.includes("\0")
      ? "NUL"
      : value.isWellFormed()
        ? undefined
        : "half of a character (a lone surrogate)";
    if (what !== undefined) throw broken(`${path} holds ${what}`);
  } else if (typeof value === "object" && value !== null) {
    if (depth === MOST_DEPTH) throw broken(`${path} is nested more than ${MOST_DEPTH} levels deep`);
    for (const [key, each] of Object.entries(value)) {
      if (key === "__proto__") throw broken(`${path} holds a field named __proto__`);
      refuseBrokenText(key, `a name in ${path}`, depth + 1);
      refuseBrokenText(each, `${path}.${key.slice(0, 64)}`, depth + 1);
    }
  }
}

function broken(what: string): AppError {
  return new AppError("bad_request", `Invalid input: ${what}.`, {
    remedy: "Send well-formed text without NUL, and no such field.",
  });
}
