/** Texts repeat their words: what is made of each is kept, within bounds. */

/** All are forgotten at once when there are more: cheaper than knowing which is the oldest. */
const WORDS_KEPT = 20_000;
const LONGEST_KEPT = 32;

/** @param make the same for the same word every time; never undefined */
export function rememberWords<T extends NonNullable<unknown>>(make: (word: string) => T): (word: string) => T {
  const known = new Map<string, T>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    if (word.length > LONGEST_KEPT) return make(word);
    const copy = detached(word);
    const made = make(copy);
    if (known.size >= WORDS_KEPT) known.clear();
    known.set(copy, made);
    return made;
  };
}

/** V8 keeps cut-outs of 13 characters and more as views: without a copy, a word would keep its whole text alive. */
function detached(word: string): string {
  return Buffer.from(word, "utf16le").toString("utf16le");
}
