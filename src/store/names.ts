/** Names of collections, aliases and snapshots: they become file names, so their alphabet is closed. */
import { MOST_NAME_CHARS } from "../core/collection-name.js";
import { AppError } from "../core/errors.js";

const NAME = new RegExp(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,${MOST_NAME_CHARS - 1}}$`);

export function checkName(kind: "collection" | "alias", name: string): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw new AppError("bad_request", `"${String(name).slice(0, 140)}" is not a valid ${kind} name.`, {
    remedy: `Use 1 to ${MOST_NAME_CHARS} letters, digits, "_", "." or "-", beginning with a letter or digit.`,
  });
}
