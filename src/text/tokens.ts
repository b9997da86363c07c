/** Cuts a text into numbers, names with signs, words and runs of scripts that put no blank between words. */
import { matches } from "../core/matches.js";

/** Chinese and Japanese, and what UAX #14 counts to class SA: the scripts of South-East Asia. */
export const UNSPACED = letters(
  ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar", "Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet"],
  "ー",
);
/** Words of spaced scripts but Latin and Greek, which share words: IFNγ. */
const SPACED = [
  ...["Cyrillic", "Hebrew", "Arabic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu"],
  ...[
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Armenian",
    "Georgian",
    "Ethiopic",
    "Tibetan",
    "Mongolian",
    "Syriac",
    "Thaana",
  ],
].map((script) => letters([script]));
const HANGUL = letters(["Hangul"]);
/** Digits go with Latin letters only: 2024년 are two tokens. */
const LATIN = `[[\\p{L}\\p{N}\\p{M}_]--${UNSPACED}--${HANGUL}--${SPACED.join("--")}]`;

/** What a pattern takes for letters: all of Unicode takes V8 a tenth of a second to compile. */
interface Alphabet {
  readonly letter: string;
  readonly upper: string;
  readonly latin: string;
  /** Tokens of scripts but Latin. */
  readonly others: readonly string[];
}

const ASCII_ONLY: Alphabet = { letter: "[A-Za-z]", upper: "[A-Z]", latin: "[A-Za-z0-9_]", others: [] };
const UNICODE: Alphabet = {
  letter: "\\p{L}",
  upper: "\\p{Lu}",
  latin: LATIN,
  others: [
    `(?<unspaced>${UNSPACED}[${UNSPACED}\\p{M}]*)`,
    `(?<hangul>${HANGUL}[${HANGUL}\\p{M}]*)`,
    ...SPACED.map((script) => `${script}[${script}\\p{M}]*`),
  ],
};

function anyToken({ letter, upper, latin, others }: Alphabet): RegExp {
  // A number of several parts: version, date, address.
  const number = String.raw`(?=[vV\d])(?<!${latin})[vV]?(?<number>\d+(?:[.\-\/:]\d+)+)`;
  // `AT&T`, `TCP/IP`, `r&d`, `i/o`; `C++`, `c#`; `.NET`.
  const names = [
    String.raw`(?:${upper}{1,8}(?:[&\/]${upper}{1,8}){1,3}|${letter}{1,2}&${letter}{1,2}|${letter}\/${letter})(?!${latin}|[&\/])`,
    String.raw`${letter}(?:\+\+(?!\+)|#(?!${latin}|#))`,
    String.raw`(?<![.\)\]])\.${upper}{2,8}(?!${latin})`,
  ];
  const name = String.raw`(?=${letter}+[&\/+#]|\.${upper})(?<!${latin})(?<name>${names.join("|")})`;
  return new RegExp([number, name, ...others, `${latin}+`].join("|"), "gv");
}

const ASCII = /^[\0-\x7f]*$/;
const ASCII_TOKEN = anyToken(ASCII_ONLY);
/** Made when it is needed: many a process reads nothing but English. */
let unicodeToken: RegExp | undefined;

/** Digits of other scripts. */
const DIGIT = /(?![0-9])\p{Nd}/gu;

export type Token = { readonly kind: "number" | "name" | "unspaced" | "hangul" | "word"; readonly text: string };

/** @param text as `plainText` has it */
export function tokens(text: string): Token[] {
  if (ASCII.test(text)) return matches(text, ASCII_TOKEN).map(tokenOf);
  unicodeToken ??= anyToken(UNICODE);
  return matches(text.normalize("NFKC").replace(DIGIT, asciiDigit), unicodeToken).map(tokenOf);
}

function tokenOf({ 0: whole, groups = {} }: RegExpExecArray): Token {
  const { number, name, unspaced, hangul } = groups;
  if (number !== undefined) return { kind: "number", text: number };
  if (name !== undefined) return { kind: "name", text: name };
  if (unspaced !== undefined) return { kind: "unspaced", text: unspaced };
  if (hangul !== undefined) return { kind: "hangul", text: hangul };
  return { kind: "word", text: whole };
}

/** Letters, digits and marks of scripts, without their punctuation. */
function letters(scripts: readonly string[], more = ""): string {
  return `[[${scripts.map((script) => `\\p{Script=${script}}`).join("")}${more}]&&[\\p{L}\\p{M}\\p{N}]]`;
}

/** Unicode has them ten by ten, from 0 to 9. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) as number;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return `${value}`;
}
