/** Text to token ids, exactly as the model was trained. */
import { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";

/** Longest text looked at, in UTF-16 units: far beyond what any model reads, so that one huge input cannot fill memory. */
export const MAX_TEXT_LENGTH = 65_536;

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
    const ids = this.#tokenizer.encode(clip(text)).ids;
    if (ids.length <= this.#maxTokens) return ids;
    return [...ids.slice(0, this.#maxTokens - 1), ids[ids.length - 1] as number];
  }

  /** Tokens without special tokens, not cut. */
  count(text: string): number {
    return this.#tokenizer.encode(clip(text), { add_special_tokens: false }).ids.length;
  }
}

function clip(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
}
