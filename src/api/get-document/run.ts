/** A call of `get_document`, from its input to its answer. Loaded by the first call. */
import type { App } from "../../app/app.js";
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import { sanitizeLine } from "../../core/sanitize.js";
import { pathOf } from "../../core/sources.js";
import { addressOf, documentUri } from "../document/uri.js";
import { CHARS_PER_TOKEN, LEAST_CHARS } from "../limits.js";
import type { Outcome } from "../operation.js";
import { render } from "./render.js";
import type { Input, Output } from "./schema.js";

export type GetDocumentServices = Pick<App, "live" | "readDocument">;

/** What the answer says besides the text. */
const AROUND_TEXT = 600;

type Part = Awaited<ReturnType<App["readDocument"]>>;

export async function run(call: Call, app: GetDocumentServices, input: Input): Promise<Outcome<Output>> {
  const { around, lines, passages } = input;
  checkCombination(input);
  const { collection, name } = nameIn(input);
  const pass = call.access.collection(collection ?? app.live.collection);
  const part = await app.readDocument(call, pass, {
    name,
    lines: { first: input.line_start ?? 1, last: input.line_end },
    around: around === undefined ? undefined : { passage: around, lines, passages },
    maxChars: Math.max(LEAST_CHARS, input.max_tokens * CHARS_PER_TOKEN - AROUND_TEXT),
  });
  const value = present(part, { collection: pass.name, traceId: call.trace.traceId });
  const { text: _, ...without } = value;
  return { value, text: render(value), brief: { value: without, text: render(without), isEnough: false } };
}

/** @throws AppError `bad_request` */
function checkCombination(input: Input): void {
  const { uri, source, document, around, lines, passages, line_start: first, line_end: last } = input;
  const wrong = (problem: string, remedy: string) => new AppError("bad_request", `${problem}.`, { remedy });
  const start = 'Send {"uri": …} with `source.uri` of a passage, or `uri` of an entry of list_documents';
  if (uri !== undefined && (document ?? source) !== undefined) {
    throw wrong("Both an address and a name are given", "Send uri alone, or document with its source.");
  }
  if (source !== undefined && document === undefined) {
    throw wrong("A source is named without a document", `${start}; list_documents lists those of a source.`);
  }
  if (uri === undefined && document === undefined && around === undefined)
    throw wrong("No document is named", `${start}.`);
  if (around === undefined && (lines ?? passages) !== undefined) {
    throw wrong(
      "lines and passages are counted around a passage, and none is named",
      "Send around with its id, or line_start and line_end.",
    );
  }
  if (lines !== undefined && passages !== undefined)
    throw wrong("Both lines and passages are given", "Send one of them.");
  if (around !== undefined && (first ?? last) !== undefined) {
    throw wrong("Both lines and a passage say which part", "Send line_start and line_end, or around.");
  }
  if (last !== undefined && last < (first ?? 1)) {
    throw wrong(`Line ${last} is before line ${first}`, "Send a line_end that is not below line_start.");
  }
}

/** @throws AppError `bad_request` for what is no address, or one of another collection than is named */
function nameIn({ uri, source, document, collection }: Input) {
  if (uri === undefined) return { collection, name: document === undefined ? undefined : { source, document } };
  const address = addressOf(uri);
  if (address === undefined) {
    throw new AppError("bad_request", `${JSON.stringify(sanitizeLine(uri))} is no address of a document.`, {
      remedy: "Take it from `source.uri` of a passage: aura://<collection>/<source>/<path>.",
    });
  }
  if (collection !== undefined && collection !== address.collection) {
    const [named, own] = [collection, address.collection].map((each) => JSON.stringify(sanitizeLine(each)));
    throw new AppError("bad_request", `The address is of the collection ${own}, and ${named} is named.`, {
      remedy: `Leave collection out, or take an address of ${named}.`,
    });
  }
  return { collection: address.collection, name: { document: address.document } };
}

function present(
  part: Part,
  { collection, traceId }: { readonly collection: string; readonly traceId: string },
): Output {
  const { from, record, text, lines, next } = part;
  const uri = documentUri(part.collection, from.name, record.document);
  const path = pathOf(from, record);
  return {
    source: {
      name: sanitizeLine(from.name),
      document: sanitizeLine(record.document, 1_000),
      uri,
      path: path && sanitizeLine(path, 4_000),
      title: record.title ? sanitizeLine(record.title) : undefined,
    },
    text,
    line_start: lines?.first,
    line_end: lines?.last,
    record_line: part.recordLine,
    truncated: part.isCut,
    next: next && ("line" in next ? { uri, line_start: next.line } : { around: next.passage, collection }),
    trace_id: traceId,
  };
}
