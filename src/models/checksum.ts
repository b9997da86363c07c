/** SHA-256 of a file, read as a stream. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";

/** @throws the system's error; AppError `cancelled`, `timeout` */
export async function sha256Of({ signal }: Call, path: string): Promise<string> {
  throwIfAborted(signal);
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash, { signal });
  } catch (error) {
    throwIfAborted(signal); // in the place of the stream's own error
    throw error;
  }
  return hash.digest("hex");
}
