/** The terms that a passage is found by, the same in every store. */
import type { IndexedDocument, Metadata } from "../core/types.js";
import { analyse, nameTerms } from "../text/analyser.js";

/** By point, in order: what is embedded, where the document lies, and what it says that it is about. */
export function lexicalTerms({
  document,
  metadata,
  points,
}: Pick<IndexedDocument, "document" | "metadata" | "points">): string[][] {
  const ofDocument = [...nameTerms(document), ...subjectTerms(metadata)];
  return points.map(({ embedText }) => [...analyse(embedText), ...ofDocument]);
}

/** Fields whose values name a document, its subject or its authors: `tags`, `taxonomies.tags`, `author.name`. */
const SUBJECT = /(?:^|\.)(?:alias|aliases|tags?|keywords?|category|categories|authors?)(?:\.name)?$/i;
/** Every passage has them all: a list without end would outweigh its text. */
const MAX_SUBJECT_TERMS = 64;

/** Each once, however often it is said. */
function subjectTerms(metadata: Metadata): string[] {
  const terms = new Set<string>();
  for (const [name, field] of Object.entries(metadata)) {
    if (SUBJECT.test(name)) for (const value of [field].flat()) for (const term of analyse(`${value}`)) terms.add(term);
  }
  return [...terms].slice(0, MAX_SUBJECT_TERMS);
}
