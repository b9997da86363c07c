import type { Source, SourceDocument } from "#src/core/ports.js";
import type { ParsedDocument } from "#src/core/types.js";
import { testCall } from "../support/call.js";

/** `Array.fromAsync`, which Node 20 lacks. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What the document holds; one that is refused fails the test. */
export async function parsed(document: SourceDocument): Promise<ParsedDocument> {
  const result = await document.parse(testCall());
  if ("reason" in result) throw new Error(`${document.document} is refused: ${result.reason}`);
  return result;
}

/** Document id → "ok", or why it is left out. */
export async function outcome(source: Source): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const item of source.read(testCall())) {
    if (item.kind === "document") {
      const read = await item.document.parse(testCall());
      found[item.document.document] = "reason" in read ? read.reason : "ok";
    } else found[item.document] = item.kind === "failed" ? `failed: ${item.reason}` : item.reason;
  }
  return found;
}
