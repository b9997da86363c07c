/** The terms that a passage is found by, the same in every store. */
import type { IndexedDocument } from "../core/types.js";
import { analyse, nameTerms } from "../text/analyser.js";

/** By point, in order: what is embedded, and where the document lies. */
export function lexicalTerms({ document, points }: Pick<IndexedDocument, "document" | "points">): string[][] {
  const ofName = nameTerms(document);
  return points.map(({ embedText }) => [...analyse(embedText), ...ofName]);
}
