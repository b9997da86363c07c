/** Tokenizer with exactly the token ids that the model was trained on. */
import { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";
import { rememberWords } from "../text/remember-words.js";
import type { TooLong } from "./best-window.js";
import { clip } from "./protocol.js";
import { ReadScripts } from "./read-scripts.js";

/** CJK ideographs beyond U+FFFF that BERT's normaliser sets apart; the ranges are those of Hugging Face's Rust code. */
const ASTRAL_IDEOGRAPH = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/** BERT's pre-tokenizer splits at each of these, so no token reaches across. Other white space is left to it. */
const BLANKS = /[ \t\n\r]+/;

const WORD = /[\p{L}\p{M}]+/gu;

/** `[CLS] query [SEP] passage [SEP]`. */
export interface Pair {
  readonly ids: readonly number[];
  /** 0 up to the first `[SEP]`, 1 behind it. */
  readonly typeIds: readonly number[];
}

export class Tokenizer {
  readonly #tokenizer: HubTokenizer;
  readonly #maxTokens: number;
  /** Tokens of a word; undefined when tokens may reach across blanks. */
  readonly #encodeWord: ((word: string) => readonly number[]) | undefined;
  /** What stands around a text's own tokens. */
  readonly #frame: readonly number[];
  readonly #scripts: () => ReadScripts;

  /**
   * @param tokenizer parsed `tokenizer.json`; its own truncation (128) and padding are not applied
   * @param maxTokens longest result of `encode`, special tokens included
   */
  constructor(tokenizer: object, config: object, maxTokens: number) {
    this.#tokenizer = new HubTokenizer(tokenizer, config);
    this.#maxTokens = maxTokens;
    this.#frame = this.#tokenizer.encode("").ids;
    let scripts: ReadScripts | undefined;
    this.#scripts = () => (scripts ??= new ReadScripts(tokenizer, (id) => this.token(id)));
    if (splitsAtBlanks(tokenizer) && this.#frame.length === 2) {
      this.#encodeWord = rememberWords((word) => this.#encodeAll(word));
    }
  }

  /** Token ids with special tokens, cut to `maxTokens` as the Python tokenizer cuts: before the closing token. */
  encode(text: string): number[] {
    const ids = this.#encodeWhole(aligned(text));
    if (ids.length <= this.#maxTokens) return ids;
    return [...ids.slice(0, this.#maxTokens - 1), ids[ids.length - 1] as number];
  }

  /**
   * A query and a passage as the BERT family is asked about both, at most `maxTokens` with the special tokens. How many
   * tokens each keeps is what the Python tokenizer's truncation "longest_first" leaves them; an empty passage has no
   * closing token, as there.
   * @param shorten which of its tokens a passage keeps that is too long; the Python tokenizer keeps the first
   */
  encodePair(query: string, passage: string, shorten: (tooLong: TooLong) => readonly number[] = firstTokens): Pair {
    const [opening, closing] = this.#frame as [number, number];
    if (passage === "") {
      const ids = this.encode(query);
      return { ids, typeIds: ids.map(() => 0) };
    }
    const [a, b] = [this.#encodeBare(aligned(query)), this.#encodeBare(aligned(passage))];
    const [keptA, keptB] = longestFirst(a.length, b.length, this.#maxTokens - 3);
    const kept = a.slice(0, keptA);
    const shown = b.length <= keptB ? b : shorten({ query: kept, passage: b, lead: this.#lead(passage), room: keptB });
    return {
      ids: [opening, ...kept, closing, ...shown, closing],
      typeIds: [...new Array<number>(kept.length + 2).fill(0), ...new Array<number>(shown.length + 1).fill(1)],
    };
  }

  /** Tokens without special tokens, not cut. */
  count(text: string): number {
    const plain = aligned(text);
    const encodeWord = this.#encodeWord;
    if (encodeWord === undefined) return this.#encodeAll(plain).length;
    return plain.split(BLANKS).reduce((sum, word) => sum + encodeWord(word).length, 0);
  }

  /** Whether the model knows enough of a text to say what it means. @param ids as `encode` has them */
  reads(text: string, ids: readonly number[]): boolean {
    const frame = new Set(this.#frame);
    return this.#scripts().reads(
      text,
      ids.filter((id) => !frame.has(id)),
    );
  }

  /** Whether the model was trained on its language, as far as words and their pieces tell. */
  knowsWords(text: string): boolean {
    const words = clip(text).match(WORD) ?? [];
    return this.#scripts().knowsWords(words.length, this.count(words.join(" ")));
  }

  /** A token as the vocabulary writes it. */
  token(id: number): string {
    return this.#tokenizer.id_to_token(id) ?? "";
  }

  /** Tokens of the first line, where another follows. */
  #lead(text: string): number {
    const end = text.indexOf("\n");
    return end < 0 ? 0 : this.count(text.slice(0, end));
  }

  #encodeBare(text: string): number[] {
    const encodeWord = this.#encodeWord;
    if (encodeWord === undefined) return this.#encodeAll(text);
    const ids: number[] = [];
    for (const word of text.split(BLANKS)) for (const id of encodeWord(word)) ids.push(id);
    return ids;
  }

  #encodeWhole(text: string): number[] {
    if (this.#encodeWord === undefined) return this.#tokenizer.encode(text).ids;
    const [opening, closing] = this.#frame as [number, number];
    return [opening, ...this.#encodeBare(text), closing];
  }

  #encodeAll(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }
}

/**
 * How many tokens of two texts are kept so that together they have at most `room`: the longer one is cut to what the
 * shorter leaves, and where that is not enough each gets half. As Hugging Face's Rust tokenizer cuts.
 */
function longestFirst(a: number, b: number, room: number): [number, number] {
  if (a + b <= room) return [a, b];
  const shorter = Math.min(a, b);
  const longer = Math.max(shorter, room - shorter);
  const [less, more] =
    shorter + longer > room ? [Math.floor(room / 2), Math.ceil(room / 2)] : ([shorter, longer] as const);
  return a > b ? [more, less] : [less, more];
}

function firstTokens({ passage, room }: TooLong): readonly number[] {
  return passage.slice(0, room);
}

/** True for the BERT family: WordPiece within words. */
function splitsAtBlanks(tokenizer: object): boolean {
  const { model, pre_tokenizer: preTokenizer } = tokenizer as Record<string, { type?: string } | undefined>;
  return model?.type === "WordPiece" && preTokenizer?.type === "BertPreTokenizer";
}

/**
 * Makes up for two ways in which the JavaScript port differs from the Rust tokenizer: it sets only the ideographs up to
 * U+FFFF apart, and it writes a word's last sigma as \u03c2 (docs/tokenizer.md).
 */
function aligned(text: string): string {
  return clip(text).replace(ASTRAL_IDEOGRAPH, " $& ").replaceAll("\u03a3", "\u03c3");
}
