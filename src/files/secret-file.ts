/** A secret in a file. */
import { readFileSync, statSync } from "node:fs";

const MOST_BYTES = 16_384;

/** @throws the system's error, and one for a file that holds no secret */
export function readSecret(path: string): string {
  if (statSync(path).size > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} bytes`);
  const secret = readFileSync(path, "utf8").trim();
  if (secret === "") throw new Error("it is empty");
  return secret;
}
