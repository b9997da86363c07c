/** The span file: one line of JSON per tool call, appended by any number of processes. */

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import type { StageRecord } from "../core/call.js";
import type { ErrorCode } from "../core/errors.js";
import type { Degraded } from "../core/types.js";
import { makeFolder } from "../files/make-folder.js";
import { rotate } from "./rotation.js";

export type CallStatus = "ok" | "error" | "cancelled" | "rejected";

export interface SpanLine {
  /** ISO 8601, when the call began. */
  readonly ts: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id?: string;
  readonly tool: string;
  readonly client?: { readonly name: string; readonly version: string };
  readonly user: string;
  readonly status: CallStatus;
  readonly error_code?: ErrorCode;
  readonly duration_ms: number;
  /** Attributes as `describeAttrs` makes them. */
  readonly stages: readonly (Omit<StageRecord, "attrs"> & { readonly attrs: Readonly<Record<string, unknown>> })[];
  /** `query_sha256` (keyed), `query_chars`, `top_k`, `filters` … as `describeInput` makes them. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly output: {
    readonly results?: number;
    readonly top_score?: number;
    readonly degraded: readonly Degraded[];
  };
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  readonly version: string;
}

export interface SpanSink {
  readonly path: string;
  /** Queues the line; never throws. */
  write(line: SpanLine): void;
  /** Resolves when every queued line is written or dropped. */
  flush(): Promise<void>;
}

export interface SpanSinkOptions {
  readonly path: string;
  /** The file is rotated before a line would make it longer. */
  readonly maxBytes?: number;
  /** Rotated files kept beside it. */
  readonly keep?: number;
  /** Called for every line that is lost. */
  readonly onDrop?: () => void;
  /** Called for the first line that is lost for a reason. */
  readonly warn?: (message: string) => void;
}

/** What may wait to be written: some 10,000 calls. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;
/** Of one write. */
const MAX_BATCH_BYTES = 256 * 1024;
const NEW_LINE = Buffer.from("\n");
const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const DEFAULT_KEEP = 5;
const DEFAULT_SPANS_PATH = "logs/mcp_tool_spans.jsonl";

// The file may lie in a repository that somebody else made: a link there must not lead us to another file, nor a FIFO
// there block us. Windows has neither flag.
const APPEND =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);

/** Why lines are lost, and what to do about it. */
const LOSSES = {
  slow: "set TOOL_SPANS_PATH to a faster disk",
  failed: "set TOOL_SPANS_PATH to a writable place with room",
  unprintable: "report it",
} as const;
type Loss = keyof typeof LOSSES;

export function createSpanSink(options: SpanSinkOptions): SpanSink {
  const { path, maxBytes = DEFAULT_MAX_BYTES, keep = DEFAULT_KEEP } = options;
  const queue: Buffer[] = [];
  let queuedBytes = 0;
  let draining: Promise<void> | undefined;
  const warned = new Set<Loss>();
  const append = createAppender(path, maxBytes, keep);

  const drop = (loss: Loss, why: unknown, lines = 1) => {
    for (let i = 0; i < lines; i++) options.onDrop?.();
    if (warned.has(loss)) return;
    warned.add(loss);
    const reason = why instanceof Error ? why.message : String(why);
    options.warn?.(`Spans are being lost (${reason}). Calls go on; ${LOSSES[loss]}.`);
  };
  const drain = async () => {
    while (queue.length > 0) {
      const { taken, written, failure } = await append(queue);
      for (const { length } of queue.splice(0, taken)) queuedBytes -= length;
      if (written < taken) drop("failed", failure, taken - written);
    }
    draining = undefined;
  };
  return {
    path,
    write(line) {
      let bytes: Buffer;
      try {
        bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      } catch (error) {
        return drop("unprintable", error);
      }
      if (queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
        return drop("slow", `more than ${MAX_QUEUED_BYTES / 1024 / 1024} MB wait to be written`);
      }
      queue.push(bytes);
      queuedBytes += bytes.length;
      draining ??= drain();
    },
    flush: async () => draining,
  };
}

/** What became of the lines at the head of the queue. */
interface Appended {
  readonly taken: number;
  /** Of those taken, the first so many. */
  readonly written: number;
  /** Why the rest is lost. */
  readonly failure?: unknown;
}

/**
 * One `write(2)` of whole lines, as many as wait and fit: with O_APPEND lines of several processes never mix. The file
 * is opened for each write, so nobody holds on to a file that another process has rotated away.
 */
function createAppender(path: string, maxBytes: number, keep: number) {
  let folderMade = false;
  /** A full disk cut our last line: the next one starts a new line, so only the cut one is unreadable. */
  let torn = false;

  /** Rotates a file that has no room for the next line. */
  const openFor = async (next: number) => {
    const file = await open(path, APPEND, 0o600);
    const { size } = await file.stat().catch((error: unknown) => closeAndThrow(file, error));
    if (size === 0 || size + next <= maxBytes) return { file, room: maxBytes - size };
    await file.close();
    // A rotation that fails (a full disk, Windows while another process writes) does not lose the line.
    const isRotated = await rotate(path, size, keep).catch(() => false);
    return { file: await open(path, APPEND, 0o600), room: isRotated ? maxBytes : 0 };
  };
  const write = async (file: FileHandle, lines: readonly Buffer[]): Promise<Appended> => {
    const before = torn ? [NEW_LINE] : [];
    const bytes = Buffer.concat([...before, ...lines]);
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten > 0) torn = bytes[bytesWritten - 1] !== NEW_LINE[0];
    const written = fitting(lines, bytesWritten - before.length);
    if (bytesWritten === bytes.length) return { taken: lines.length, written };
    const failure = new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`);
    return { taken: lines.length, written, failure };
  };

  return async (waiting: readonly Buffer[]): Promise<Appended> => {
    let batch = head(waiting, MAX_BATCH_BYTES);
    try {
      if (!folderMade) await makeFolder(dirname(path), 0o700);
      folderMade = true;
      const start = torn ? NEW_LINE.length : 0;
      const { file, room } = await openFor(start + (batch[0]?.length ?? 0));
      batch = head(batch, room - start);
      return await write(file, batch).finally(() => file.close().catch(() => undefined));
    } catch (failure) {
      folderMade = false; // it may have been removed meanwhile
      return { taken: batch.length, written: 0, failure };
    }
  };
}

async function closeAndThrow(file: FileHandle, error: unknown): Promise<never> {
  await file.close().catch(() => undefined);
  throw error;
}

/** The first lines that fit, one at least. */
function head(lines: readonly Buffer[], room: number): readonly Buffer[] {
  return lines.slice(0, Math.max(1, fitting(lines, room)));
}

/** How many of the first lines are whole in so many bytes. */
function fitting(lines: readonly Buffer[], room: number): number {
  let bytes = 0;
  const first = lines.findIndex(({ length }) => {
    bytes += length;
    return bytes > room;
  });
  return first === -1 ? lines.length : first;
}

export interface SpansPathOptions {
  readonly configured?: string;
  readonly cwd: string;
  readonly dataDir: string;
}

/**
 * Hosts start servers in `/` or in users' repositories, so a relative path lies in the working folder only when its
 * folder (`logs/` by default) is there, no link and writable, else in the data folder.
 */
export function resolveSpansPath({ configured, cwd, dataDir }: SpansPathOptions): string {
  const path = configured || DEFAULT_SPANS_PATH;
  if (isAbsolute(path)) return path;
  return isWritableFolder(cwd, dirname(path)) ? resolve(cwd, path) : resolve(dataDir, path);
}

/** Below the working folder itself: a link there would lead us wherever its maker wants. */
function isWritableFolder(cwd: string, relative: string): boolean {
  const path = resolve(cwd, relative);
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).isDirectory() && realpathSync(path) === resolve(realpathSync(cwd), relative);
  } catch {
    return false;
  }
}
