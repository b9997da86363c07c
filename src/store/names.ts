/** Names of collections, aliases and snapshots: they become file names, so their alphabet is closed. */
import { MOST_NAME_CHARS } from "../core/collection-name.js";
import { AppError } from "../core/errors.js";

const NAME = new RegExp(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,${MOST_NAME_CHARS - 1}}$`);

/** @param reserved what begins no user's name. @throws AppError `bad_request` */
export function checkName(kind: "collection" | "alias", name: string, reserved?: string): void {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new AppError("bad_request", `"${String(name).slice(0, 140)}" is not a valid ${kind} name.`, {
      remedy: `Use 1 to ${MOST_NAME_CHARS} letters, digits, "_", "." or "-", beginning with a letter or digit.`,
    });
  }
  if (reserved !== undefined && name.startsWith(reserved)) {
    throw new AppError("bad_request", `Names that begin with "${reserved}" are taken by the server itself.`, {
      remedy: "Choose another name.",
    });
  }
}

export function taken(name: string): AppError {
  return new AppError("conflict", `The name "${name}" is taken.`, { remedy: "Choose another name." });
}
