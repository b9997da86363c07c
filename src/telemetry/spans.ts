/** The span file: one line of JSON per tool call, appended by any number of processes. */
import { accessSync, constants, statSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import type { StageRecord } from "../core/call.js";
import type { ErrorCode } from "../core/errors.js";
import type { Degraded } from "../core/types.js";
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
  /** Called for the first line that is lost. */
  readonly warn?: (message: string) => void;
}

const MAX_QUEUED_LINES = 1_000;
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

export function createSpanSink(options: SpanSinkOptions): SpanSink {
  const { path, maxBytes = DEFAULT_MAX_BYTES, keep = DEFAULT_KEEP } = options;
  const queue: string[] = [];
  let draining: Promise<void> | undefined;
  let warned = false;
  const append = createAppender(path, maxBytes, keep);

  const drop = (why: unknown) => {
    options.onDrop?.();
    if (warned) return;
    warned = true;
    const reason = why instanceof Error ? why.message : String(why);
    options.warn?.(`Spans are being lost (${reason}). Calls go on; set TOOL_SPANS_PATH to a writable place.`);
  };
  const drain = async () => {
    for (let line = queue.shift(); line !== undefined; line = queue.shift()) await append(line).catch(drop);
    draining = undefined;
  };
  return {
    path,
    write(line) {
      if (queue.length >= MAX_QUEUED_LINES) return drop(`more than ${MAX_QUEUED_LINES} lines wait to be written`);
      try {
        queue.push(`${JSON.stringify(line)}\n`);
      } catch (error) {
        return drop(error);
      }
      draining ??= drain();
    },
    flush: async () => draining,
  };
}

/**
 * One `write(2)` of a whole line: with O_APPEND lines of several processes never mix. The file is opened for each
 * line, so nobody holds on to a file that another process has rotated away.
 */
function createAppender(path: string, maxBytes: number, keep: number): (line: string) => Promise<void> {
  let folderMade = false;
  /** A full disk cut our last line: the next one starts a new line, so only the cut one is unreadable. */
  let torn = false;
  return async (line) => {
    if (!folderMade) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    folderMade = true;
    const bytes = Buffer.from(torn ? `\n${line}` : line);
    let file = await open(path, APPEND, 0o600);
    try {
      const { size } = await file.stat();
      if (size > 0 && size + bytes.length > maxBytes) {
        await file.close();
        // A rotation that fails (a full disk, Windows while another process writes) does not lose the line.
        await rotate(path, size, keep).catch(() => undefined);
        file = await open(path, APPEND, 0o600);
      }
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten > 0) torn = bytesWritten < bytes.length;
      if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`);
    } catch (error) {
      folderMade = false; // it may have been removed meanwhile
      throw error;
    } finally {
      await file.close().catch(() => undefined);
    }
  };
}

export interface SpansPathOptions {
  readonly configured?: string;
  readonly cwd: string;
  readonly dataDir: string;
}

/**
 * Hosts start servers in `/` or in users' repositories, so a relative path lies in the working folder only when its
 * folder (`logs/` by default) is there and writable, else in the data folder.
 */
export function resolveSpansPath({ configured, cwd, dataDir }: SpansPathOptions): string {
  const path = configured || DEFAULT_SPANS_PATH;
  if (isAbsolute(path)) return path;
  const inCwd = resolve(cwd, path);
  return isWritableFolder(dirname(inCwd)) ? inCwd : resolve(dataDir, path);
}

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
