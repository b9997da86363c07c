/** A folder, or a single file, as a source of documents. */
import { pathToFileURL } from "node:url";
import type { Call } from "../core/call.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import type { Source, SourceItem } from "../core/ports.js";
import { FORMATS_VERSION, isRecordFile } from "./formats/index.js";
import { jsonlSource, metadataOf, readRecords } from "./jsonl.js";
import type { Parser } from "./parser.js";
import { readDocument } from "./read-file.js";
import { RECORDS_VERSION } from "./record.js";
import { failureReason, refuseRecordsName } from "./refuse.js";
import { SECRETS_VERSION } from "./secrets.js";
import { untilEnded } from "./until-ended.js";
import { type Entry, type Place, walk } from "./walk.js";

/** Of all that makes documents of files. */
export const FILES_VERSION = `${FORMATS_VERSION},${RECORDS_VERSION},${SECRETS_VERSION}`;

/** A source that is yet to say whose documents it can bring besides its own. */
export type Read = Omit<Source, "of">;

/** What the documents of a place are called. */
export interface Naming {
  readonly source: string;
  /** The way from the source down to the folder of the place, `sub/folder/`; absent: the place is the source. */
  readonly below?: string;
}

/** Everything below a folder. */
export function folderSource(place: Place, parser: Parser, naming?: Naming): Read {
  const name = pathToFileURL(place.start.path).href;
  const entries = (call: Call) => walk(call, place, parser);
  return { name, kind: "folder", ...reading(entries, parser, { source: name, ...naming }) };
}

/** One file by its real path: a record file holds many documents, any other is one, called by its base name. */
export function fileSource(path: string, parser: Parser, naming?: Naming): Read {
  const name = pathToFileURL(path).href;
  const document = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const isRecords = isRecordFile(document) && refuseRecordsName(document) === undefined;
  const { source = name, below } = naming ?? {};
  if (isRecords && below === undefined) return { ...jsonlSource({ path, source, document }, parser), name };
  const only = async function* ({ signal }: Call): AsyncGenerator<Entry> {
    throwIfAborted(signal);
    yield { kind: "file", document, path };
  };
  return { name, kind: isRecords ? "jsonl" : "file", ...reading(only, parser, { source, below }) };
}

/** The documents of some files. */
function reading(
  entriesOf: (call: Call) => AsyncGenerator<Entry>,
  parser: Parser,
  { source, below = "" }: Naming,
): Pick<Source, "version" | "count" | "read"> {
  async function* items(call: Call): AsyncGenerator<SourceItem> {
    for await (const found of entriesOf(call)) {
      const entry = { ...found, document: below + found.document };
      if (entry.kind !== "file") yield entry;
      else if (isRecordFile(entry.document)) yield* readRecordFile(call, entry, source, parser);
      else yield await readDocument(call, { ...entry, source }, parser);
    }
  }
  return {
    version: FILES_VERSION,
    async count(call) {
      let entries = 0;
      for await (const entry of untilEnded(call, entriesOf(call))) {
        // How many records a file holds is not known before it is read.
        if (entry.kind === "file" && isRecordFile(entry.document)) return undefined;
        entries++;
      }
      return entries;
    },
    read: (call) => untilEnded(call, items(call)),
  };
}

async function* readRecordFile(
  call: Call,
  file: Extract<Entry, { kind: "file" }>,
  source: string,
  parser: Parser,
): AsyncGenerator<SourceItem> {
  const { document } = file;
  const refusal = refuseRecordsName(document.slice(document.lastIndexOf("/") + 1));
  if (refusal !== undefined) {
    yield { kind: "skipped", document, reason: refusal };
    return;
  }
  try {
    yield* readRecords(call, file.path, { source, idPrefix: `${document}#`, metadata: metadataOf(document) }, parser);
  } catch (error) {
    if (error instanceof AppError) throw error;
    yield { kind: "failed", document, reason: failureReason(error) };
  }
}
