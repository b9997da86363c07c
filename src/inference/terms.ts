/** Groups of a text's tokens that make up one term: the pieces of a word, in every place and form. */
import { analyse } from "../text/analyser.js";
import { rememberWords } from "../text/remember-words.js";

const CONTINUES = "##";
/** A word of so many pieces (`spanHasNoSpecials`) is none that the model knows. Measured in docs/tuning.md. */
const MANY_PIECES = 3;

/** Of each term the positions of its tokens, in order of appearance. */
export type Terms = readonly (readonly [number, ...number[]])[];

export class TermGroups {
  readonly #tokenOf: (id: number) => string;
  /** "" for stop words and punctuation. */
  readonly #termOf = rememberWords((word) => analyse(word)[0] ?? "");

  /** @param tokenOf a WordPiece vocabulary */
  constructor(tokenOf: (id: number) => string) {
    this.#tokenOf = tokenOf;
  }

  /** @param ids with a special token at both ends */
  words(ids: readonly number[]): Terms {
    return this.#group(ids, Infinity);
  }

  /** The same, and each piece of a word that has many. */
  wordsAndPieces(ids: readonly number[]): Terms {
    return this.#group(ids, MANY_PIECES);
  }

  /** @param manyPieces of a word whose pieces are grouped too */
  #group(ids: readonly number[], manyPieces: number): Terms {
    const groups = new Map<string, [number, ...number[]]>();
    const add = (key: string, position: number) => {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [position]);
      else group.push(position);
    };
    for (const { word, start, end } of this.#words(ids)) {
      const term = this.#termOf(word);
      if (term === "") continue;
      for (let position = start; position < end; position++) {
        add(term, position);
        if (end - start >= manyPieces) add(`${term} ${this.#tokenOf(ids[position] as number)}`, position);
      }
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
