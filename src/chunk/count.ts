/** Token counts in batches that a model's process can take in one message. */

export type CountTokens = (texts: readonly string[]) => Promise<number[]>;

const BATCH = 256;

/** Without special tokens, one count for each text, at most 256 texts in one call. */
export function inBatches(countTokens: CountTokens): CountTokens {
  return async (texts) => {
    const counts: number[] = [];
    for (let from = 0; from < texts.length; from += BATCH) {
      for (const tokens of await countTokens(texts.slice(from, from + BATCH))) counts.push(tokens);
    }
    return counts;
  };
}
