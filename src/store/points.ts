/** What every store asks of points and queries before it touches them. */
import { createHash } from "node:crypto";
import { AppError } from "../core/errors.js";
import { boundRecord } from "../core/record-limits.js";
import type { IndexedDocument } from "../core/types.js";
import { vectorProblem } from "../core/vector.js";
import { checkDocumentText } from "./check-text.js";

/** @throws AppError `mismatch` for another dimension, `bad_request` for a vector or a text that cannot be stored */
export function checkDocument(document: IndexedDocument, dimension: number): void {
  checkDocumentText(document);
  const { leftOut } = boundRecord(document);
  if (leftOut.length > 0) {
    throw new AppError("bad_request", `What ${document.document} says of itself is too much: ${leftOut.join("; ")}.`, {
      remedy: "Leave it out: every passage of the document would carry it.",
    });
  }
  for (const point of document.points) {
    const { vector } = point;
    const problem = vector && vectorProblem(vector, dimension);
    if (problem === undefined) continue;
    const wrongSize = vector?.length !== dimension;
    throw new AppError(
      wrongSize ? "mismatch" : "bad_request",
      `The vector of ${document.document}#${point.ordinal} ${problem}.`,
      { remedy: wrongSize ? "Run reindex with mode full to use this model." : "Check the embedding model." },
    );
  }
}

/** @throws AppError `mismatch` for another dimension, `bad_request` for a vector that is neither of unit length nor zero */
export function checkQuery(vector: Float32Array, dimension: number): void {
  const problem = vectorProblem(vector, dimension);
  if (problem === undefined) return;
  throw new AppError(vector.length === dimension ? "bad_request" : "mismatch", `The query's vector ${problem}.`, {
    remedy: "Search with the model the collection was made with.",
  });
}

export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1) return;
  throw new AppError("bad_request", `${limit} is not a number of results.`, { remedy: "Ask for 1 or more." });
}

/** Equal for texts that differ in case and blank space only: 16 hexadecimal digits. */
export function textHash(text: string): string {
  const normal = text.replace(/\s+/g, " ").trim().toLowerCase();
  return createHash("sha256").update(normal).digest("hex").slice(0, 16);
}
