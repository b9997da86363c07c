/** Words that a line's end cut: whether their hyphen is the author's own or the line's. */
import { lemmatise } from "../../../text/lemmatise.js";
import { bundledLexicon, type Lexicon } from "../../../text/lexicon.js";

/** In letters: a longer one is no word. */
const LONGEST = 64;
const CUT = /[\p{L}\p{N}]([-\u2010\u00ad])$/u;
const START = /\p{L}+$/u;
const REST = /^\p{Ll}+/u;
const WORDS = /\p{L}+(?:-\p{L}+)*/gu;
const SOFT_HYPHEN = "\u00ad";

/** Whether a line ends in a hyphen that may have cut a word. */
export function isCut(line: string): boolean {
  return CUT.test(line.slice(-LONGEST));
}

/** What comes between two lines, after so many characters of the first are taken off. */
export interface Joint {
  readonly taken: number;
  readonly between: string;
}

/** One document's words. */
export class WordEnds {
  readonly #written: ReadonlySet<string>;
  readonly #lexicon: Lexicon;

  private constructor(written: ReadonlySet<string>, lexicon: Lexicon) {
    this.#written = written;
    this.#lexicon = lexicon;
  }

  static async of(lines: readonly string[]): Promise<WordEnds> {
    const written = new Set<string>();
    for (const line of lines) for (const word of plain(line).match(WORDS) ?? []) written.add(word);
    return new WordEnds(written, await bundledLexicon());
  }

  between(end: string, next: string): Joint {
    const cut = CUT.exec(end.slice(-LONGEST));
    if (cut === null || !/^[\p{L}\p{N}]/u.test(next)) return { taken: 0, between: "\n" };
    const [, hyphen = ""] = cut;
    const start = START.exec(end.slice(-LONGEST, -hyphen.length))?.[0];
    const rest = REST.exec(next.slice(0, LONGEST))?.[0];
    const isOne = start !== undefined && rest !== undefined && this.#isOneWord(start, rest);
    return { taken: isOne || hyphen === SOFT_HYPHEN ? 1 : 0, between: "" };
  }

  #isOneWord(start: string, rest: string): boolean {
    const word = plain(start + rest);
    if (this.#written.has(word)) return true;
    return !this.#written.has(plain(`${start}-${rest}`)) && lemmatise(word, this.#lexicon).length > 0;
  }
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll("\u2010", "-");
}
