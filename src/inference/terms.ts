/** Which of a text's tokens make up one term: the pieces of a word, wherever and in whichever form it stands. */
import { analyse } from "../text/analyser.js";
import { rememberWords } from "../text/remember-words.js";

const CONTINUES = "##";

export class TermGroups {
  readonly #tokenOf: (id: number) => string;
  /** "" for stop words and punctuation. */
  readonly #termOf = rememberWords((word) => analyse(word)[0] ?? "");

  /** @param tokenOf a WordPiece vocabulary */
  constructor(tokenOf: (id: number) => string) {
    this.#tokenOf = tokenOf;
  }

  /** Positions of each term's tokens, terms in order of appearance. @param ids with a special token at both ends */
  positions(ids: readonly number[]): number[][] {
    const groups = new Map<string, number[]>();
    for (const { word, start, end } of this.#words(ids)) {
      const term = this.#termOf(word);
      if (term === "") continue;
      const group = groups.get(term) ?? [];
      for (let position = start; position < end; position++) group.push(position);
      groups.set(term, group);
    }
    return [...groups.values()];
  }

  *#words(ids: readonly number[]): Generator<{ word: string; start: number; end: number }> {
    const last = ids.length - 1;
    for (let start = 1; start < last; ) {
      let word = this.#tokenOf(ids[start] as number);
      let end = start + 1;
      for (; end < last; end++) {
        const piece = this.#tokenOf(ids[end] as number);
        if (!piece.startsWith(CONTINUES)) break;
        word += piece.slice(CONTINUES.length);
      }
      yield { word, start, end };
      start = end;
    }
  }
}
