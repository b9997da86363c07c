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
import { failureReason, refuseName } from "./refuse.js";
import { SECRETS_VERSION } from "./secrets.js";
import { untilEnded } from "./until-ended.js";
import { type Entry, type Place, walk } from "./walk.js";

const VERSION = `${FORMATS_VERSION},${RECORDS_VERSION},${SECRETS_VERSION}`;

/** Everything below a folder. */
export function folderSource(place: Place, parser: Parser): Source {
  const name = pathToFileURL(place.start.path).href;
  async function* items(call: Call): AsyncGenerator<SourceItem> {
    for await (const entry of walk(call, place, parser)) {
      if (entry.kind !== "file") yield entry;
      else if (isRecordFile(entry.document)) yield* readRecordFile(call, entry, name, parser);
      else yield await readDocument(call, { ...entry, source: name }, parser);
    }
  }
  return {
    name,
    version: VERSION,
    async count(call) {
      let entries = 0;
      for await (const entry of untilEnded(call, walk(call, place, parser))) {
        // How many records a file holds is not known before it is read.
        if (entry.kind === "file" && isRecordFile(entry.document)) return undefined;
        entries++;
      }
      return entries;
    },
    read: (call) => untilEnded(call, items(call)),
  };
}

/** One file by its real path: a record file holds many documents, any other is one, called by its base name. */
export function fileSource(path: string, parser: Parser): Source {
  const name = pathToFileURL(path).href;
  const document = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  if (isRecordFile(document) && refuseName(document) === undefined) {
    return jsonlSource({ path, source: name, document }, parser);
  }
  async function* items(call: Call): AsyncGenerator<SourceItem> {
    yield await readDocument(call, { source: name, document, path }, parser);
  }
  return {
    name,
    version: VERSION,
    async count({ signal }) {
      throwIfAborted(signal);
      return 1;
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
  const refusal = refuseName(document.slice(document.lastIndexOf("/") + 1));
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
