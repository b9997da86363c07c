/** Files with secrets: nobody but their user may read them. */
import { readFileSync, statSync } from "node:fs";
import { AppError } from "../core/errors.js";

const OF_OTHERS = 0o077;
const MAX_BYTES = 16 * 1024 * 1024;

/** @param named the setting with its value, for messages @throws AppError `config` */
export function readPrivateFile(path: string, named: string): Buffer {
  try {
    const { mode, size } = statSync(path);
    // Windows has no such modes.
    if (process.platform !== "win32" && (mode & OF_OTHERS) !== 0)
      throw unusable(named, "can be read by others", `Run chmod 600 ${path}.`);
    if (size > MAX_BYTES) throw unusable(named, "is longer than 16 MiB", "Name another file.");
    return readFileSync(path);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "an unknown reason";
    throw unusable(named, `cannot be read: ${code}`, "Name a file that this user can read.");
  }
}

function unusable(named: string, problem: string, remedy: string): AppError {
  return new AppError("config", `${named} ${problem}.`, { remedy });
}
