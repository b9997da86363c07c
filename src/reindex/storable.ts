/** Documents as stores take them: no NUL, no half of a character, no more beside the text than a passage may carry. */
import { type Bounded, boundRecord, describedBy } from "../core/record-limits.js";
import type { Metadata, Scalar } from "../core/types.js";
import type { InputDocument, Loaded, LoadedChunk } from "./input.js";

const NUL = /\0/g;

/** The same length, so that offsets stay. */
function clean(text: string): string {
  return text.includes("\0") || !text.isWellFormed() ? text.replace(NUL, "\ufffd").toWellFormed() : text;
}

/** Why a document of this name cannot be stored, if so: a name that was changed would name another document. */
export function nameProblem({ source, document }: Pick<InputDocument, "source" | "document">): string | undefined {
  const isStorable = [source, document].every((name) => clean(name) === name);
  return isStorable ? undefined : "its name holds NUL or half of a character";
}

/** Title and metadata of a document that was loaded. */
export function storableRecord(
  { metadata }: InputDocument,
  { title, metadata: own = {}, leftOut = [] }: Loaded,
): Bounded {
  const described = describedBy(metadata, own);
  const bounded = boundRecord({ title, metadata: storableMetadata(described.metadata) });
  return { ...bounded, leftOut: [...leftOut, ...described.leftOut, ...bounded.leftOut] };
}

function storableMetadata(metadata: Metadata): Metadata {
  const value = (each: Scalar) => (typeof each === "string" ? clean(each) : each);
  return Object.fromEntries(
    Object.entries(metadata).map(([name, each]) => [
      clean(name),
      Array.isArray(each) ? each.map(value) : value(each as Scalar),
    ]),
  );
}

export function storable({ title, chunks, metadata, leftOut }: Loaded): Loaded {
  return {
    title: title === undefined ? undefined : clean(title),
    chunks: chunks.map(storableChunk),
    metadata,
    leftOut,
  };
}

function storableChunk(chunk: LoadedChunk): LoadedChunk {
  const { text, tableHeader, embedText, headings } = chunk;
  return {
    ...chunk,
    text: clean(text),
    tableHeader: tableHeader && clean(tableHeader),
    embedText: clean(embedText),
    headings: headings.map(clean),
  };
}
