/** What a question's wording says about the leg that will answer it. */

/**
 * `quoted`: most of its words stand in quotation marks, so exact words are wanted. `question`: asked in a sentence, as
 * embedding models are trained on. `plain`: everything else, keywords, statements and code alike.
 */
export type QueryForm = "plain" | "question" | "quoted";

/** A mark after a word is none that opens: 5" is a length. */
const QUOTED = /(?<!\S)(?:"[^"]+"|“[^”]+”|„[^“”]+[“”]|«[^»]+»|`[^`]+`)(?!\w)/g;
const QUESTION_WORD =
  /^(what|how|why|when|where|who|whom|whose|which|is|are|was|were|can|could|do|does|did|should|will|would|has|have|may|must)\b/i;

export function formOf(query: string): QueryForm {
  const text = query.trim();
  const quoted = (text.match(QUOTED) ?? []).reduce((sum, part) => sum + wordsIn(part), 0);
  if (quoted > 0 && quoted >= wordsIn(text) / 2) return "quoted";
  return QUESTION_WORD.test(text) || text.endsWith("?") ? "question" : "plain";
}

function wordsIn(text: string): number {
  return text.split(/\s+/).length;
}
