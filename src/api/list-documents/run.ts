/** A call of `list_documents`, from its input to its answer. Loaded by the first call. */
import type { App } from "../../app/app.js";
import type { Call } from "../../core/call.js";
import { sanitizeLine } from "../../core/sanitize.js";
import { documentUri } from "../document/uri.js";
import { CHARS_PER_TOKEN, DEFAULT_MAX_TOKENS } from "../limits.js";
import type { Outcome } from "../operation.js";
import { render } from "./render.js";
import type { Entry, Input, Output } from "./schema.js";

export type ListDocumentsServices = Pick<App, "live" | "listDocuments">;

const PAGE = 100;

export async function run(call: Call, app: ListDocumentsServices, input: Input): Promise<Outcome<Output>> {
  const pass = call.access.collection(input.collection ?? app.live.collection);
  const documents: Entry[] = [];
  let left = DEFAULT_MAX_TOKENS * CHARS_PER_TOKEN;
  const { source, prefix, cursor } = input;
  const list = await app.listDocuments(call, pass, {
    source,
    prefix,
    cursor,
    limit: PAGE,
    // The first one always is: names may be of any length.
    fits({ from, record }) {
      const entry = {
        source: sanitizeLine(from.name),
        document: sanitizeLine(record.document, 1_000),
        uri: documentUri(pass.name, from.name, record.document),
        title: record.title ? sanitizeLine(record.title) : undefined,
      };
      left -= JSON.stringify(entry).length;
      if (left < 0 && documents.length > 0) return false;
      documents.push(entry);
      return true;
    },
  });
  const value = { documents, total: list.total, next_cursor: list.cursor, trace_id: call.trace.traceId };
  return { value, text: render(value, pass.name) };
}
