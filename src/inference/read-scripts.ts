/** Which scripts a model reads, told by its vocabulary alone, and which texts it therefore cannot. */

/** A script is read that has so many pieces of two letters and more, or so many letters: Chinese words are letters. */
const PIECES = 100;
const LETTERS = 1_000;
/** A text with this share of unknown pieces means nothing to the model. */
const UNREAD_SHARE = 1 / 3;
/** WordPiece goes on with a word so; of a word in unknown letters each would count, and it is one word. */
const CONTINUES = "##";

/** Those that models are made for; of any other they know letters at most. */
const SCRIPTS = [
  ...["Latin", "Greek", "Cyrillic", "Armenian", "Georgian", "Hebrew", "Arabic", "Syriac", "Thaana", "Ethiopic"],
  ...["Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala"],
  ...["Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Mongolian", "Han", "Hiragana", "Katakana", "Hangul"],
].map((name) => ({ name, letter: new RegExp(`\\p{Script=${name}}`, "u") }));
const LETTER = /\p{L}/gu;
/** Pieces of a word: English prose has 1.1 to 1.3 in the bundled model's vocabulary, German, French and Spanish 1.6 and more (docs/tuning.md). */
const FOREIGN_PIECES = 1.5;

/** What a `tokenizer.json` says that matters here. */
interface TokenizerFile {
  readonly model?: {
    /** Piece → id, or a list of pieces with their probabilities. */
    readonly vocab?: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
    readonly unk_token?: string | null;
    readonly unk_id?: number | null;
  };
  readonly pre_tokenizer?: object | null;
}

export class ReadScripts {
  readonly #pieceOf: (id: number) => string;
  readonly #unread: RegExp;
  readonly #isUnknown = new Map<number, boolean>();
  /** Scripts that it has words of. */
  readonly #read: readonly string[];

  /** @param tokenizer parsed `tokenizer.json`; @param pieceOf a token as the vocabulary writes it */
  constructor(tokenizer: TokenizerFile, pieceOf: (id: number) => string) {
    const { vocab = {}, unk_token: unknown, unk_id: unknownId } = tokenizer.model ?? {};
    const ids = new Map<string, number>(
      Array.isArray(vocab) ? vocab.map(([piece], id) => [piece as string, id]) : Object.entries(vocab),
    );
    const pieces = [...ids.keys()];
    const isBytes = JSON.stringify(tokenizer.pre_tokenizer ?? null).includes('"ByteLevel"');
    this.#pieceOf = isBytes ? (id) => fromBytes(pieceOf(id)) : pieceOf;
    this.#read = readScripts(isBytes ? pieces.map(fromBytes) : pieces);
    this.#unread = lettersOfOthers(this.#read);
    const id = unknownId ?? (unknown == null ? undefined : ids.get(unknown));
    if (id !== undefined) this.#isUnknown.set(id, true);
  }

  /** @param ids of the text's own tokens */
  reads(text: string, ids: readonly number[]): boolean {
    // Signs and emoji may be unknown to a model that reads all words.
    if (!this.#unread.test(text)) return true;
    const first = ids.filter((id) => !this.#pieceOf(id).startsWith(CONTINUES));
    return first.filter((id) => this.#unknown(id)).length < first.length * UNREAD_SHARE;
  }

  /**
   * Whether the model was trained on the language of some words, as far as its vocabulary tells: where it was not, they
   * come apart. One with words of several scripts is made for many languages.
   */
  knowsWords(words: number, pieces: number): boolean {
    return words === 0 || this.#read.length > 1 || pieces < words * FOREIGN_PIECES;
  }

  #unknown(id: number): boolean {
    const known = this.#isUnknown.get(id);
    if (known !== undefined) return known;
    const piece = this.#pieceOf(id);
    const isUnknown = this.#unread.test(piece) || PART_OF_LETTER.test(piece);
    this.#isUnknown.set(id, isUnknown);
    return isUnknown;
  }
}

/** A byte, or what is left of a letter that was cut between its bytes. */
const PART_OF_LETTER = /^<0x[0-9A-F]{2}>$|\ufffd/;

function readScripts(pieces: readonly string[]): string[] {
  const words = new Map<string, number>();
  const letters = new Map<string, Set<string>>();
  const scriptOf = scripts();
  for (const piece of pieces) {
    const [first, second] = piece.match(LETTER) ?? [];
    if (first === undefined) continue;
    const script = scriptOf(first);
    if (second !== undefined) words.set(script, (words.get(script) ?? 0) + 1);
    else letters.set(script, (letters.get(script) ?? new Set()).add(first));
  }
  return SCRIPTS.map(({ name }) => name).filter(
    (name) => (words.get(name) ?? 0) >= PIECES || (letters.get(name)?.size ?? 0) >= LETTERS,
  );
}

function lettersOfOthers(scripts: readonly string[]): RegExp {
  const names = ["Common", "Inherited", ...scripts];
  return new RegExp(`[\\p{L}--[${names.map((name) => `\\p{Script=${name}}`).join("")}]]`, "v");
}

/** "" for a script that is not named here. */
function scripts(): (letter: string) => string {
  const known = new Map<string, string>();
  return (letter) => {
    const name = known.get(letter) ?? SCRIPTS.find((script) => script.letter.test(letter))?.name ?? "";
    known.set(letter, name);
    return name;
  };
}

/** GPT-2 writes bytes as letters: those that can be seen as they are, the others in order from U+0100. */
const BYTES = new Map<string, number>();
for (let byte = 0, next = 0x100; byte < 0x100; byte++) {
  const isSeen = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  BYTES.set(String.fromCharCode(isSeen ? byte : next++), byte);
}
const decoder = new TextDecoder();

function fromBytes(piece: string): string {
  const bytes = [...piece].map((sign) => BYTES.get(sign));
  return bytes.includes(undefined) ? piece : decoder.decode(Uint8Array.from(bytes as number[]));
}
