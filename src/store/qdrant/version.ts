/** Which servers have what is asked of them. */
import { AppError } from "../../core/errors.js";

/** @throws AppError `config` for a server that lacks what is asked of it */
export function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 1 || (major === 1 && minor >= 11)) return;
  throw new AppError(
    "config",
    `The Qdrant is version ${version}; 1.11 is the least: older ones lack the query endpoint.`,
    {
      remedy: "Upgrade the Qdrant, one minor version at a time.",
    },
  );
}
