/** Text from outside that not every store can hold: NUL ends it in some, and half a surrogate pair is no Unicode. */
import { AppError } from "../core/errors.js";
import type { DocumentKey, Filter, IndexedDocument, Leg } from "../core/types.js";
import { isList, isRange } from "./conditions.js";

/** @throws AppError `bad_request` naming what it is */
export function checkText(what: string, texts: readonly unknown[]): void {
  if (!texts.some(isUnfit)) return;
  throw new AppError("bad_request", `The ${what} holds a NUL character or half a surrogate pair.`, {
    remedy: "Leave the character out.",
  });
}

function isUnfit(value: unknown): boolean {
  return typeof value === "string" && (value.includes("\0") || !value.isWellFormed());
}

/** @throws AppError `bad_request` */
export function checkFilter(filter: Filter | undefined): void {
  for (const [key, condition] of Object.entries(filter ?? {})) {
    checkText("name of a filter's field", [key]);
    if (condition === undefined) continue;
    const values = isRange(condition) ? [condition.gte, condition.lte] : isList(condition) ? condition : [condition];
    checkText(`filter on "${key}"`, values);
  }
}

/** @throws AppError `bad_request` */
export function checkKeys(documents: readonly DocumentKey[]): void {
  for (const { source, document } of documents) checkText("key of a document", [source, document]);
}

/** @throws AppError `bad_request` */
export function checkLegTexts(legs: readonly Leg[]): void {
  for (const leg of legs) {
    if (leg.kind === "lexical") checkText("query", [leg.text]);
    else if (leg.kind === "exact") checkText("query", [leg.term]);
  }
}

/** Everything that a document brings. @throws AppError `bad_request` */
export function checkDocumentText(document: IndexedDocument): void {
  const { metadata, title, hash, chunker, points } = document;
  checkKeys([document]);
  checkText(`record of ${document.document}`, [title, hash, chunker, ...Object.entries(metadata).flat(2)]);
  for (const { id, ordinal, text, tableHeader, embedText, headings } of points) {
    checkText(`passage ${document.document}#${ordinal}`, [id, text, tableHeader, embedText, ...headings]);
  }
}
