/** A call of `list_documents`, from its input to its answer. Loaded by the first call. */
import type { App } from "../../app/app.js";
import type { Call } from "../../core/call.js";
import { sanitizeLine } from "../../core/sanitize.js";
import { documentUri } from "../document/uri.js";
import { presentFields } from "../fields.js";
import { CHARS_PER_TOKEN, DEFAULT_MAX_TOKENS } from "../limits.js";
import type { Outcome } from "../operation.js";
import { render } from "./render.js";
import type { Entry, Input, Output } from "./schema.js";

export type ListDocumentsServices = Pick<App, "live" | "listDocuments">;

const PAGE = 100;
/** What an entry says besides, in characters, with its source's name. */
const AROUND_NAMES = 80;

export async function run(call: Call, app: ListDocumentsServices, input: Input): Promise<Outcome<Output>> {
  const pass = call.access.collection(input.collection ?? app.live.collection);
  const { source, prefix, cursor } = input;
  const list = await app.listDocuments(call, pass, { source, prefix, cursor, limit: PAGE });
  const documents = within(
    list.documents.map(({ from, document, title }): Entry => {
      return {
        source: sanitizeLine(from.name),
        document: sanitizeLine(document, 1_000),
        uri: documentUri(pass.name, from.name, document),
        title: title ? sanitizeLine(title) : undefined,
      };
    }),
  );
  const value = {
    documents,
    total: list.total,
    fields: list.fields && presentFields(list.fields),
    next_cursor: list.cursorFrom(documents.length),
    trace_id: call.trace.traceId,
  };
  return { value, text: render(value, pass.name) };
}

/** As many as fit; at least the first: names may be of any length. */
function within(entries: readonly Entry[]): Entry[] {
  let left = DEFAULT_MAX_TOKENS * CHARS_PER_TOKEN;
  const end = entries.findIndex((entry, i) => {
    left -= AROUND_NAMES + entry.uri.length + entry.document.length + (entry.title?.length ?? 0);
    return left < 0 && i > 0;
  });
  return end === -1 ? [...entries] : entries.slice(0, end);
}
