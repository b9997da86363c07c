/** A `.jsonl` file: one document on each line, read as a stream. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Call } from "../core/call.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import type { Source, SourceDocument, SourceItem } from "../core/ports.js";
import type { Metadata } from "../core/types.js";
import { paragraphBlocks } from "./formats/format.js";
import { type ByteLine, readLines } from "./line-reader.js";
import { openRegular } from "./read-file.js";
import { type JsonRecord, parseRecord } from "./record.js";
import { decodeText, failureReason, refuseText } from "./refuse.js";
import { untilEnded } from "./until-ended.js";

export const JSONL_VERSION = "jsonl-1";
/** In bytes: longer lines are skipped without being held in memory. */
const MAX_LINE_BYTES = 4_000_000;

export interface RecordsOf {
  readonly source: string;
  /** Put in front of record ids: "" for a file of its own, `<relative path>#` inside a folder. */
  readonly idPrefix: string;
  /** Of the file; a record's own fields win. */
  readonly metadata: Metadata;
}

/** The whole file is one source, whose documents are called by their records' ids. `file` is a real path. */
export function jsonlSource(file: string, name: string): Source {
  async function* items(call: Call): AsyncGenerator<SourceItem> {
    try {
      yield* readRecords(call, file, { source: name, idPrefix: "", metadata: {} });
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError("bad_request", `The JSONL file ${failureReason(error)}.`, {
        remedy: "Check the file and its permissions, then index it again.",
        cause: error,
      });
    }
  }
  return {
    name,
    version: JSONL_VERSION,
    async count({ signal }) {
      throwIfAborted(signal);
      return undefined;
    },
    read: (call) => untilEnded(call, items(call)),
  };
}

/**
 * The records of a file in order. Lines that are no record, and ids seen before, are skipped with their line number.
 * @throws what reading the file throws; AppError `cancelled`, `timeout`
 */
export async function* readRecords(call: Call, file: string, of: RecordsOf): AsyncGenerator<SourceItem> {
  const handle = await openRegular(call, file);
  const stream = createReadStream("", { fd: handle, highWaterMark: 1 << 16, signal: call.signal });
  try {
    yield* recordsIn(call, readLines(stream, MAX_LINE_BYTES), of);
  } catch (error) {
    throwIfAborted(call.signal); // in the place of the stream's own error
    throw error;
  }
}

async function* recordsIn({ signal }: Call, lines: AsyncIterable<ByteLine>, of: RecordsOf): AsyncGenerator<SourceItem> {
  const lineOfId = new Map<string, number>();
  for await (const { line, bytes } of lines) {
    throwIfAborted(signal);
    const skipped = (reason: string, id = `line ${line}`): SourceItem => ({
      kind: "skipped",
      document: of.idPrefix + id,
      reason: `line ${line}: ${reason}`,
    });
    if (bytes === undefined) {
      yield skipped("longer than 4 MB");
      continue;
    }
    const text = decodeText(bytes);
    if (text === undefined) {
      yield skipped("not UTF-8 text");
      continue;
    }
    if (text.trim() === "") continue;
    const record = parseRecord(text);
    if ("reason" in record) {
      yield skipped(record.reason);
      continue;
    }
    const earlier = lineOfId.get(record.id);
    if (earlier !== undefined) {
      yield skipped(`the id was already used on line ${earlier}`, record.id);
      continue;
    }
    lineOfId.set(record.id, line);
    const refusal = refuseText(record.text);
    yield refusal === undefined
      ? { kind: "document", document: toDocument(record, line, text, of) }
      : skipped(refusal, record.id);
  }
}

function toDocument(record: JsonRecord, line: number, raw: string, of: RecordsOf): SourceDocument {
  const { text, title } = record;
  return {
    source: of.source,
    document: of.idPrefix + record.id,
    // Not of the line number: a record inserted at the top must not re-embed the whole file.
    hash: createHash("sha256").update(`${JSONL_VERSION}\0${raw.trim()}`).digest("hex"),
    metadata: { ...of.metadata, ...record.metadata },
    async parse({ signal }) {
      throwIfAborted(signal);
      const lines = { offsets: Uint32Array.of(0), numbers: Uint32Array.of(line) };
      return { title, text, blocks: paragraphBlocks(text, "prose"), lines };
    },
  };
}
