/** The strategy `multi_query`: the same question in other forms, for the dense leg. Templates only, no lexicon. */
import type { Variant } from "../core/types.js";
import { STOP_WORDS } from "../text/stop-words.js";

/** What a rephrasing counts against the question itself. */
const REPHRASING_WEIGHT = 0.7;

interface Template {
  /** Its groups are what the rephrasings are made of. */
  readonly form: RegExp;
  /** Best first. */
  readonly rephrasings: readonly string[];
}

/** The first that fits decides. */
const TEMPLATES: readonly Template[] = [
  {
    form: /^how (?:do|does|did|can|could|should|would|to|must)(?: (?:i|we|you|one|people|they))? (.+)$/i,
    rephrasings: ["how to $1", "to $1, do the following", "guide: $1"],
  },
  {
    form: /^(?:what|who) (?:is|are|was|were) (?:meant by |(?:a|an|the) )?(.+)$/i,
    rephrasings: ["$1 is", "definition of $1", "$1 explained"],
  },
  {
    form: /^what does (.+) mean$/i,
    rephrasings: ["$1 means", "definition of $1", "what is $1"],
  },
  {
    form: /^why (?:do|does|did|is|are|was|were|has|have|can|could|should|would|will) (.+)$/i,
    rephrasings: ["the reason why $1", "$1 because", "cause: $1"],
  },
  {
    form: /^(?:where|when) (?:do|does|did|is|are|was|were|can|could|should|will)(?: (?:i|we|you|one))? (.+)$/i,
    rephrasings: ["$1", "place and time: $1"],
  },
  {
    form: /^(?:what|which) (\S+) (?:do|does|did|is|are|was|were|can|could|should|will) (.+)$/i,
    rephrasings: ["$2 $1", "the $1 that $2"],
  },
  {
    form: /^(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have) (?:(?:i|we|you|one) )?(.+)$/i,
    rephrasings: ["$1", "whether $1"],
  },
  // A topic rather than a sentence.
  {
    form: /^([^\s.!?]+(?: [^\s.!?]+){0,3})$/,
    rephrasings: ["what is $1", "$1 explained", "how to use $1"],
  },
];
/** Of anything that is no question. */
const STATEMENT: readonly string[] = ["evidence that $1", "what is known about: $1"];

/** Rephrasings that differ from the question and from each other, keywords after the first. */
export function rephrase(query: string): Variant[] {
  const question = query
    .trim()
    .replace(/\s+/g, " ")
    .replace(/[?!.\s]+$/, "");
  const template = TEMPLATES.find(({ form }) => form.test(question));
  const filled = (template?.rephrasings ?? STATEMENT).map((rephrasing) =>
    question.replace(template?.form ?? /^(.+)$/s, rephrasing),
  );
  const [first, ...others] = filled;
  const texts = [first as string, keywords(question), ...others].map((text) => text.trim());
  const seen = new Set(["", question.toLowerCase()]);
  return texts
    .filter((text) => !seen.has(text.toLowerCase()) && seen.add(text.toLowerCase()))
    .map((text) => ({ text, leg: "dense", weight: REPHRASING_WEIGHT }));
}

function keywords(question: string): string {
  const words = question.split(" ").map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""));
  return words.filter((word) => word !== "" && !STOP_WORDS.has(word.toLowerCase().replace(/['’].*$/, ""))).join(" ");
}
