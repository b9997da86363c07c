/** What a span may say of the words that users send: a keyed hash and a length, the words only when SPAN_CONTENT=1. */

import { createHmac, randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolderSync } from "../files/make-folder.js";

const KEY_BYTES = 32;
const KEY_FILE = "span-key";

export interface ContentOptions {
  /** Where the key is kept: equal texts have equal hashes within one data folder, and none beyond it. */
  readonly dataDir: string;
  /** SPAN_CONTENT */
  readonly show: boolean;
}

export interface Content {
  readonly show: boolean;
  /** HMAC-SHA256 as 64 hex digits. */
  hash(text: string): string;
}

/** A plain hash of a short query is found by trying likely queries; without the key this one is not. Never throws. */
export function createContent({ dataDir, show }: ContentOptions): Content {
  let key: Buffer | undefined;
  return {
    show,
    hash(text) {
      key ??= openKey(dataDir);
      return createHmac("sha256", key).update(text).digest("hex");
    },
  };
}

function openKey(dataDir: string): Buffer {
  const path = join(dataDir, KEY_FILE);
  const fresh = randomBytes(KEY_BYTES);
  try {
    const kept = readKey(path);
    if (kept !== undefined) return kept;
    makeFolderSync(dataDir, 0o700);
    publish(path, fresh);
    return readKey(path) ?? fresh;
  } catch {
    // An unwritable data folder never fails a call: hashes are then comparable within this process only.
    return fresh;
  }
}

/** Written whole under another name and then linked, which fails when another process was first: nobody reads half a key. */
function publish(path: string, key: Buffer): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(draft, key, { flag: "wx", mode: 0o600 });
    try {
      linkSync(draft, path);
    } catch {
      // Either another process was first, or this file system has no hard links, or the key there is damaged.
      if (readKey(path) === undefined) renameSync(draft, path);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function readKey(path: string): Buffer | undefined {
  try {
    const key = readFileSync(path);
    return key.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}
