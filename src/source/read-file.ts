/** One file of a folder → document, or the reason why not. */
import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { SourceDocument, SourceItem } from "../core/ports.js";
import { extensionOf, type Format, formatOf, isUnknown } from "./formats/index.js";
import { openFile } from "./open.js";
import type { Parser } from "./parser.js";
import { beginsAsText, failureReason, MAX_FILE_BYTES, refuseName } from "./refuse.js";
import { isSuspectName } from "./secret-names.js";
import { unreadReason } from "./unread-types.js";

/** Larger files wait for their turn on the disk, not in memory. */
const KEPT_BYTES = 1_000_000;
/** Read at once: between two pieces an abort is heard. */
const PIECE_BYTES = 4_000_000;
/** Hashed at once: some 2 ms, in which nothing else is done. */
const HASHED_BYTES = 1_000_000;
/** As much of a file as shows whether it is text. */
const HEAD_BYTES = 8_000;

export interface FileOf {
  readonly source: string;
  /** Document id: the path below the source folder, with `/`. */
  readonly document: string;
  /** Real path on this machine. */
  readonly path: string;
}

/** Never throws for what is wrong with the file itself. @throws AppError `cancelled`, `timeout` */
export async function readDocument(call: Call, file: FileOf, parser: Parser): Promise<SourceItem> {
  const { document, source } = file;
  const skipped = (reason: string): SourceItem => ({ kind: "skipped", document, reason });
  const name = document.slice(document.lastIndexOf("/") + 1);
  const refusal = refuseName(name);
  if (refusal !== undefined) return skipped(refusal);
  const format = formatOf(name);
  if (format === undefined) return skipped(unreadReason(name));
  let bytes: Buffer | string;
  try {
    bytes = await readBounded(call, file.path, format);
  } catch (error) {
    throwIfAborted(call.signal);
    return { kind: "failed", document, reason: failureReason(error) };
  }
  if (typeof bytes === "string") return skipped(bytes);
  const version = versionFor(name, format);
  const hash = hashOf(bytes, version);
  const kept = bytes.length <= KEPT_BYTES ? bytes : undefined;
  const load = async (asking: Call) => kept ?? readAgain(asking, file.path, { format, version, hash });
  const metadata = { path: document, format: format.name, extension: extensionOf(name) };
  const parse: SourceDocument["parse"] = (asking) => parser.parse(asking, { name, hash, load });
  return { kind: "document", document: { source, document, hash, metadata, parse } };
}

/** The same text may be refused under one name and not under another. */
function versionFor(name: string, { version }: Format): string {
  return isSuspectName(name) ? `${version},suspect` : version;
}

/** A file as reading opens it. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly stat: Stats;
}

/**
 * The hash that a document of this file would have; undefined where it would be none.
 * @throws the system's error; AppError `cancelled`, `timeout`
 */
export async function hashFile(
  { signal }: Call,
  name: string,
  { handle, stat }: OpenFile,
): Promise<string | undefined> {
  const format = formatOf(name);
  if (format === undefined || stat.size > MAX_FILE_BYTES[format.kind]) return undefined;
  const hash = createHash("sha256").update(`${versionFor(name, format)}\0`);
  const piece = Buffer.alloc(Math.min(HASHED_BYTES, stat.size + 1));
  for (let at = 0; ; ) {
    throwIfAborted(signal);
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
}

function hashOf(bytes: Uint8Array, version: string): string {
  return createHash("sha256").update(`${version}\0`).update(bytes).digest("hex");
}

/** @throws the system's error; when it is another file now */
async function readAgain(
  call: Call,
  path: string,
  { format, version, hash }: { readonly format: Format; readonly version: string; readonly hash: string },
): Promise<Buffer> {
  const bytes = await readBounded(call, path, format);
  if (typeof bytes === "string" || hashOf(bytes, version) !== hash) {
    throw new Error("changed while the folder was read");
  }
  return bytes;
}

/**
 * What a caller bound to the roots reads must lie below them, and of a file with several names only one is known.
 * @throws the system's error; `EMLINK` for such a file
 */
export async function openFor({ signal, access }: Call, path: string): Promise<OpenFile> {
  throwIfAborted(signal);
  const { handle, stat } = await openFile(path);
  try {
    throwIfAborted(signal);
    if (stat.nlink > 1 && access.bypass === undefined) {
      throw Object.assign(new Error("has another name"), { code: "EMLINK" });
    }
    return { handle, stat };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** @throws as reading a document does */
export async function openRegular(call: Call, path: string): Promise<FileHandle> {
  return (await openFor(call, path)).handle;
}

/** Or the reason to leave it out. @throws the system's error; `EBUSY` when it grows while it is read */
async function readBounded(call: Call, path: string, format: Format): Promise<Buffer | string> {
  const { handle, stat } = await openFor(call, path);
  const { size } = stat;
  try {
    if (isUnknown(format)) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      if (!beginsAsText(buffer.subarray(0, bytesRead))) return unreadReason(basename(path));
    }
    const maxBytes = MAX_FILE_BYTES[format.kind];
    if (size > maxBytes) return `larger than ${maxBytes / 1e6} MB`;
    const buffer = Buffer.alloc(size + 1);
    let length = 0;
    while (length < buffer.length) {
      throwIfAborted(call.signal);
      const piece = Math.min(PIECE_BYTES, buffer.length - length);
      const { bytesRead } = await handle.read(buffer, length, piece, length);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
    throw Object.assign(new Error("the file grew while it was read"), { code: "EBUSY" });
  } finally {
    await handle.close();
  }
}
