/** The key that session ids are signed with, the same for all replicas of a server. */
import { AppError } from "../core/errors.js";
import { readPrivateFile } from "./private-file.js";

const MIN_BYTES = 32;

/** @throws AppError `config` */
export function readSessionKey(path: string): Uint8Array {
  const named = `HTTP_SESSION_KEY_FILE=${path}`;
  const key = readPrivateFile(path, named);
  if (key.length >= MIN_BYTES) return key;
  throw new AppError("config", `${named} holds less than ${MIN_BYTES} bytes.`, {
    remedy: `Write a key: head -c 32 /dev/urandom > ${path}`,
  });
}
