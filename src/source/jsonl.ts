/** A `.jsonl` file: one document on each line, read as a stream. */
import { createReadStream } from "node:fs";
import type { Call } from "../core/call.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import type { Refusal, Source, SourceDocument, SourceItem } from "../core/ports.js";
import type { Metadata } from "../core/types.js";
import { unpackBlocks, unpackSpans } from "./block-columns.js";
import { asUtf8 } from "./encoding/utf16.js";
import { extensionOf } from "./formats/index.js";
import { type ByteLine, readLines } from "./line-reader.js";
import type { Parser } from "./parser.js";
import type { ReadRecord } from "./parser-worker.js";
import { type FileOf, openRegular } from "./read-file.js";
import { RECORDS_VERSION } from "./record.js";
import { failureReason } from "./refuse.js";
import { SECRETS_VERSION } from "./secrets.js";
import { untilEnded } from "./until-ended.js";

/** In bytes: longer lines are skipped without being held in memory. */
const MAX_LINE_BYTES = 4_000_000;
/** Lines go to the parser together: a message for each would cost more than reading it. */
const BATCH_BYTES = 256_000;
const BATCH_LINES = 1_000;

/** What is said of every record of a file. @param document its path below the source */
export function metadataOf(document: string): Metadata {
  return { path: document, format: "jsonl", extension: extensionOf(document) };
}

export interface RecordsOf {
  readonly source: string;
  /** Put in front of record ids: "" for a file of its own, `<relative path>#` inside a folder. */
  readonly idPrefix: string;
  /** Of the file: a record cannot say otherwise. */
  readonly metadata: Metadata;
}

/** The whole file is one source, whose documents are called by their records' ids. */
export function jsonlSource({ path: file, source: name, document }: FileOf, parser: Parser): Omit<Source, "of"> {
  async function* items(call: Call): AsyncGenerator<SourceItem> {
    try {
      yield* readRecords(call, file, { source: name, idPrefix: "", metadata: metadataOf(document) }, parser);
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
    kind: "jsonl",
    version: `${RECORDS_VERSION},${SECRETS_VERSION}`,
    async count({ signal }) {
      throwIfAborted(signal);
      return undefined;
    },
    read: (call) => untilEnded(call, items(call)),
  };
}

/**
 * The records of a file in order. Lines that are no record, and ids seen before, are skipped with their line number.
 * @throws what reading the file throws; GivenUp; AppError `cancelled`, `timeout`
 */
export async function* readRecords(
  call: Call,
  file: string,
  of: RecordsOf,
  parser: Parser,
): AsyncGenerator<SourceItem> {
  const handle = await openRegular(call, file);
  const stream = createReadStream("", { fd: handle, highWaterMark: 1 << 16, signal: call.signal });
  const lineOfId = new Map<string, number>();
  try {
    for await (const lines of inBatches(readLines(asUtf8(stream), MAX_LINE_BYTES))) {
      throwIfAborted(call.signal);
      const records = await parser.records(
        call,
        lines.map(({ bytes }) => bytes ?? EMPTY),
      );
      for (const [i, { line, bytes }] of lines.entries()) {
        const record = bytes === undefined ? TOO_LONG : records[i];
        if (record !== undefined) yield toItem(record, line, of, lineOfId);
      }
    }
  } catch (error) {
    throwIfAborted(call.signal); // in the place of the stream's own error
    throw error;
  }
}

const EMPTY = new Uint8Array();
const TOO_LONG = { reason: "longer than 4 MB" };

async function* inBatches(lines: AsyncIterable<ByteLine>): AsyncGenerator<ByteLine[]> {
  let batch: ByteLine[] = [];
  let bytes = 0;
  for await (const line of lines) {
    batch.push(line);
    bytes += line.bytes?.length ?? 0;
    if (bytes < BATCH_BYTES && batch.length < BATCH_LINES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** @param lineOfId of the records before it */
function toItem(
  record: ReadRecord | (Refusal & { readonly id?: string }),
  line: number,
  of: RecordsOf,
  lineOfId: Map<string, number>,
): SourceItem {
  const { id } = record;
  const skipped = (reason: string): SourceItem => ({
    kind: "skipped",
    document: of.idPrefix + (id ?? `line ${line}`),
    reason: `line ${line}: ${reason}`,
  });
  if (id !== undefined) {
    const earlier = lineOfId.get(id);
    if (earlier !== undefined) return skipped(`the id was already used on line ${earlier}`);
    lineOfId.set(id, line);
  }
  return "reason" in record ? skipped(record.reason) : { kind: "document", document: toDocument(record, line, of) };
}

function toDocument(record: ReadRecord, line: number, of: RecordsOf): SourceDocument {
  const { text, title, hash, blocks, unread } = record;
  return {
    source: of.source,
    document: of.idPrefix + record.id,
    hash,
    metadata: of.metadata,
    async parse({ signal }) {
      throwIfAborted(signal);
      const lines = { offsets: Uint32Array.of(0), numbers: Uint32Array.of(line) };
      const { metadata, leftOut } = record;
      return { title, metadata, leftOut, text, blocks: unpackBlocks(blocks), unread: unpackSpans(unread), lines };
    },
  };
}
