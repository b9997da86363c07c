/** Names of collections, aliases and snapshots: they become file names, so their alphabet is closed. */
import { AppError } from "../core/errors.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

export function checkName(kind: "collection" | "alias", name: string): void {
  if (typeof name === "string" && NAME.test(name)) return;
  throw new AppError("bad_request", `"${String(name).slice(0, 140)}" is not a valid ${kind} name.`, {
    remedy: "Use 1 to 128 letters, digits, `_`, `.` or `-`, beginning with a letter or digit.",
  });
}
