/** Text to token ids, exactly as the model was trained. */
import { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";
import { clip } from "./protocol.js";

/** CJK ideographs beyond U+FFFF that BERT's normaliser sets apart; the ranges are those of Hugging Face's Rust code. */
const ASTRAL_IDEOGRAPH = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

export class Tokenizer {
  readonly #tokenizer: HubTokenizer;
  readonly #maxTokens: number;

  /**
   * @param tokenizer parsed `tokenizer.json`; its own truncation (128) and padding are not applied
   * @param maxTokens longest result of `encode`, special tokens included
   */
  constructor(tokenizer: object, config: object, maxTokens: number) {
    this.#tokenizer = new HubTokenizer(tokenizer, config);
    this.#maxTokens = maxTokens;
  }

  /** Token ids with special tokens, cut to `maxTokens` as the Python tokenizer cuts: before the closing token. */
  encode(text: string): number[] {
    const ids = this.#tokenizer.encode(aligned(text)).ids;
    if (ids.length <= this.#maxTokens) return ids;
    return [...ids.slice(0, this.#maxTokens - 1), ids[ids.length - 1] as number];
  }

  /** Tokens without special tokens, not cut. */
  count(text: string): number {
    return this.#tokenizer.encode(aligned(text), { add_special_tokens: false }).ids.length;
  }
}

/**
 * Makes up for two ways in which the JavaScript port differs from the Rust tokenizer: it sets only the ideographs up to
 * U+FFFF apart, and it writes a word's last sigma as \u03c2 (docs/tokenizer.md).
 */
function aligned(text: string): string {
  return clip(text).replace(ASTRAL_IDEOGRAPH, " $& ").replaceAll("\u03a3", "\u03c3");
}
