/** WordNet in one file, looked up in place: words, their senses, the members of a sense. */
import { readFile } from "node:fs/promises";
import { once } from "../core/once.js";
import {
  type LexiconHeader,
  NAME_FLAG,
  openLexiconFile,
  PARTS_OF_SPEECH,
  type PartOfSpeech,
  type SectionName,
  SYNSET_BITS,
  WORDS_PER_BLOCK,
} from "./lexicon-file.js";

/** Relative to the package's root. */
export const LEXICON_FILE = "lexicon/wordnet-3.1.bin";

/** The one of this package; read by the first who asks. */
export const bundledLexicon = once(
  async () => new Lexicon(await readFile(new URL(`../../../${LEXICON_FILE}`, import.meta.url))),
);

export interface Sense {
  readonly synset: number;
  readonly partOfSpeech: PartOfSpeech;
  /** How often a reader found this sense of the word in the concordances' texts. */
  readonly tagged: number;
}

export interface Member {
  readonly word: string;
  /** A name rather than a word: Java the island. */
  readonly name: boolean;
}

export class Lexicon {
  readonly version: string;
  readonly synsets: number;
  readonly #header: LexiconHeader;
  readonly #words: Buffer;
  readonly #wordBlocks: Uint32Array;
  /** Of each block: the search among them decodes nothing. */
  readonly #firstWords: readonly string[];
  readonly #wordSenses: Uint32Array;
  readonly #senses: Uint32Array;
  readonly #synsetMembers: Uint32Array;
  readonly #members: Uint32Array;
  readonly #exceptions = new Map<string, string>();

  /** @throws Error when the bytes are not a lexicon, or damaged */
  constructor(file: Buffer) {
    const { header, section } = openLexiconFile(file);
    const numbers = (name: SectionName) => {
      const { buffer, byteOffset, byteLength } = section(name);
      return new Uint32Array(buffer, byteOffset, byteLength / 4);
    };
    const words = section("words");
    this.#header = header;
    this.version = header.wordnet;
    this.synsets = header.synsets;
    this.#words = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    this.#wordBlocks = numbers("wordBlocks");
    this.#firstWords = Array.from(this.#wordBlocks, (_, block) => this.#word(block * WORDS_PER_BLOCK));
    this.#wordSenses = numbers("wordSenses");
    this.#senses = numbers("senses");
    this.#synsetMembers = numbers("synsetMembers");
    this.#members = numbers("members");
    for (const line of Buffer.from(section("exceptions")).toString("latin1").split("\n")) {
      const end = line.lastIndexOf(" ");
      if (end > 0) this.#exceptions.set(line.slice(0, end), line.slice(end + 1));
    }
  }

  /** Senses of a lower-case word or collocation, by part of speech, then most frequent first; none: not in WordNet. */
  senses(word: string): Sense[] {
    const number = this.#numberOf(word);
    if (number === undefined) return [];
    return [...this.#senses.subarray(this.#wordSenses[number], this.#wordSenses[number + 1])].map((packed) => {
      const synset = packed & ((1 << SYNSET_BITS) - 1);
      return { synset, partOfSpeech: this.#partOfSpeech(synset), tagged: packed >>> SYNSET_BITS };
    });
  }

  members(synset: number): Member[] {
    const { words } = this.#header;
    return [...this.#members.subarray(this.#synsetMembers[synset], this.#synsetMembers[synset + 1])].map((packed) => {
      const name = packed >= NAME_FLAG;
      const number = name ? packed - NAME_FLAG : packed;
      if (number >= words) throw new Error(`the lexicon has no word ${number}`);
      return { word: this.#word(number), name };
    });
  }

  /** The lemma of an irregular form: `geese` → `goose`. */
  exception(form: string, partOfSpeech: PartOfSpeech): string | undefined {
    return this.#exceptions.get(`${form} ${partOfSpeech}`);
  }

  #partOfSpeech(synset: number): PartOfSpeech {
    const { firstSynset } = this.#header;
    return PARTS_OF_SPEECH.findLast((name) => synset >= firstSynset[name]) as PartOfSpeech;
  }

  #word(number: number): string {
    const block = Math.floor(number / WORDS_PER_BLOCK);
    let start = this.#wordBlocks[block] as number;
    let word = "";
    for (let at = block * WORDS_PER_BLOCK; at <= number; at++) {
      const next = start + 2 + (this.#words[start + 1] as number);
      word = word.slice(0, this.#words[start]) + this.#words.toString("latin1", start + 2, next);
      start = next;
    }
    return word;
  }

  #numberOf(word: string): number | undefined {
    let low = 0;
    let high = this.#firstWords.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#firstWords[middle] as string) <= word) low = middle;
      else high = middle - 1;
    }
    const at = this.#placeInBlock(word, low);
    return at === undefined ? undefined : low * WORDS_PER_BLOCK + at;
  }

  /** Compares bytes where they are: no string is made for words that are not meant. */
  #placeInBlock(word: string, block: number): number | undefined {
    const end = this.#wordBlocks[block + 1] ?? this.#words.length;
    let start = this.#wordBlocks[block] as number;
    /** Letters that the word has in common with the one before. */
    let common = 0;
    for (let at = 0; start < end; at++) {
      const shared = this.#words[start] as number;
      const next = start + 2 + (this.#words[start + 1] as number);
      // Sharing fewer letters with the one before, it comes after the word; sharing more, it differs where that did.
      if (shared < common) return undefined;
      if (shared === common) {
        let letter = start + 2;
        while (letter < next && this.#words[letter] === word.charCodeAt(common)) {
          letter++;
          common++;
        }
        if (letter === next && common === word.length) return at;
      }
      start = next;
    }
    return undefined;
  }
}
