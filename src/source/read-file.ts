/** Reading one file of a folder into a document, or into the reason why not. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { SourceItem } from "../core/ports.js";
import { extensionOf, formatOf } from "./formats/index.js";
import { decodeText, failureReason, MAX_FILE_BYTES, refuseName, refuseText, TOO_LARGE } from "./refuse.js";

export interface FileOf {
  readonly source: string;
  /** Document id: the path below the source folder, with `/`. */
  readonly document: string;
  /** Real path on this machine. */
  readonly path: string;
}

/** Never throws for what is wrong with the file itself. */
export async function readDocument(file: FileOf): Promise<SourceItem> {
  const { document, source } = file;
  const skipped = (reason: string): SourceItem => ({ kind: "skipped", document, reason });
  const name = document.slice(document.lastIndexOf("/") + 1);
  const refusal = refuseName(name);
  if (refusal !== undefined) return skipped(refusal);
  const format = formatOf(name);
  if (format === undefined) return skipped("unsupported file type");
  let bytes: Buffer | undefined;
  try {
    bytes = await readBounded(file.path);
  } catch (error) {
    return { kind: "failed", document, reason: failureReason(error) };
  }
  if (bytes === undefined) return skipped(TOO_LARGE);
  const text = decodeText(bytes);
  if (text === undefined) return skipped("binary, not UTF-8 text");
  const unfit = refuseText(text);
  if (unfit !== undefined) return skipped(unfit);
  const described = format.describe?.(text) ?? {};
  return {
    kind: "document",
    document: {
      source,
      document,
      hash: createHash("sha256").update(`${format.version}\0`).update(bytes).digest("hex"),
      metadata: { ...described, path: document, format: format.name, extension: extensionOf(name) },
      parse: async () => format.parse(text),
    },
  };
}

/** Without following a link put there since the folder was listed, nor waiting on a pipe. @throws the system's error */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await handle.stat()).isFile()) throw Object.assign(new Error("not a regular file"), { code: "EINVAL" });
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Undefined when the file is larger than `MAX_FILE_BYTES`, also when it grows while it is read. */
async function readBounded(path: string): Promise<Buffer | undefined> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES) return undefined;
    const buffer = Buffer.alloc(size + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
    throw Object.assign(new Error("the file grew while it was read"), { code: "EBUSY" });
  } finally {
    await handle.close();
  }
}
