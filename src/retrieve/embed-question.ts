/** A question's vectors, or the lexical leg alone where the model cannot make them or they say nothing. */
import type { Call } from "../core/call.js";
import type { AppError, ErrorCode } from "../core/errors.js";
import type { Embedder } from "../core/ports.js";
import type { ExactTerm, Variant } from "../core/types.js";
import { isZero } from "../core/vector.js";
import { type AskedByLeg, askedByLeg } from "./legs.js";
import { lexicalOnly, type Narrowed, wordsOnly } from "./narrow.js";
import { type StageNotes, stage } from "./stage.js";

export interface Question extends Narrowed {
  readonly asked: AskedByLeg;
  /** Of the dense variants, in their order. */
  readonly vectors: readonly Float32Array[];
}

/** A model that is not here yet, or does not run: another moment or another machine would answer better. */
const NOT_READY: readonly ErrorCode[] = ["model_missing", "model_failed", "config"];

/**
 * All variants in one call: one batch, one wait.
 * @param hasWords whether the collection can be searched by words, should the model not be ready
 * @throws AppError what the embedder throws where nothing can stand in for it
 */
export async function embedQuestion(
  call: Call,
  embedder: Embedder,
  variants: readonly Variant[],
  narrowed: Narrowed & { readonly hasWords: boolean; readonly exact: readonly ExactTerm[] },
): Promise<Question> {
  const { mode, profile, hasWords, exact } = narrowed;
  const asked = askedByLeg(variants, exact, mode);
  if (asked.dense.length === 0) return { mode, profile, asked, vectors: [] };
  const texts = asked.dense.map(({ text }) => text);
  const byWords = (words: Narrowed): Question => {
    return { ...words, asked: askedByLeg(variants, exact, words.mode), vectors: [] };
  };
  const ready = async ({ degrade }: StageNotes): Promise<Question> => {
    const [vectors, isWhole] = await Promise.all([
      embedder.embed(call, texts, "query"),
      isReadWhole(call, embedder, variants[0]?.text ?? ""),
    ]);
    if (!isWhole) degrade("query_truncated", truncated(embedder.maxTokens, asked));
    const own = vectors[asked.dense.findIndex(({ leg }) => leg === "both")];
    if (own === undefined || !isZero(own)) return { mode, profile, asked, vectors };
    degrade("unread_script", UNREAD);
    return hasWords ? byWords(wordsOnly(narrowed)) : { mode, profile, asked, vectors };
  };
  return stage<Question>(call, "embed", ready, (why, { degrade }) => {
    if (!hasWords || !NOT_READY.includes(why.code)) throw why;
    degrade("lexical_only", reasonOf(why));
    return byWords(lexicalOnly(narrowed));
  });
}

/** Special tokens at both ends of what a model reads. */
const FRAME = 2;

async function isReadWhole(call: Call, embedder: Embedder, question: string): Promise<boolean> {
  const most = embedder.maxTokens - FRAME;
  if (question.length <= most) return true; // a token has one character at least
  const [tokens = 0] = await embedder.countTokens(call, [question]);
  return tokens <= most;
}

function truncated(tokens: number, { lexical }: AskedByLeg): string {
  const rest = lexical.length === 0 ? "was not searched" : "was searched by its words";
  return `The embedding model reads the first ${tokens} tokens of a question; what follows ${rest}. Ask in fewer words, or put what matters first.`;
}

const UNREAD =
  "The embedding model does not read the script of the question: words alone can answer it. docs/models.md names a model that reads it.";

/** Why, and what to do about it. */
export function reasonOf({ message, remedy }: AppError): string {
  return `${message} ${remedy}`;
}
