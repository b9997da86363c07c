/** Cuts a text into numbers, names with signs, words and runs of scripts that put no blank between words. */

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

/** A number of several parts: version, date, address. */
const NUMBER = String.raw`(?=[vV\d])(?<!${LATIN})[vV]?(?<number>\d+(?:[.\-\/:]\d+)+)`;
/** `AT&T`, `TCP/IP`, `r&d`, `i/o`; `C++`, `c#`; `.NET`. */
const NAME = String.raw`(?=\p{L}+[&\/+#]|\.\p{Lu})(?<!${LATIN})(?<name>${[
  String.raw`(?:\p{Lu}{1,8}(?:[&\/]\p{Lu}{1,8}){1,3}|\p{L}{1,2}&\p{L}{1,2}|\p{L}\/\p{L})(?!${LATIN}|[&\/])`,
  String.raw`\p{L}(?:\+\+(?!\+)|#(?!${LATIN}|#))`,
  String.raw`(?<![.\)\]])\.\p{Lu}{2,8}(?!${LATIN})`,
].join("|")})`;

const TOKEN = new RegExp(
  [
    NUMBER,
    NAME,
    `(?<unspaced>${UNSPACED}[${UNSPACED}\\p{M}]*)`,
    `(?<hangul>${HANGUL}[${HANGUL}\\p{M}]*)`,
    ...SPACED.map((script) => `${script}[${script}\\p{M}]*`),
    `${LATIN}+`,
  ].join("|"),
  "gv",
);

/** Digits of other scripts. */
const DIGIT = /(?![0-9])\p{Nd}/gu;

export type Token = { readonly kind: "number" | "name" | "unspaced" | "hangul" | "word"; readonly text: string };

/** @param text as `plainText` has it */
export function* tokens(text: string): Generator<Token> {
  for (const { 0: whole, groups } of text.normalize("NFKC").replace(DIGIT, asciiDigit).matchAll(TOKEN)) {
    const { number, name, unspaced, hangul } = groups as Record<string, string | undefined>;
    if (number !== undefined) yield { kind: "number", text: number };
    else if (name !== undefined) yield { kind: "name", text: name };
    else if (unspaced !== undefined) yield { kind: "unspaced", text: unspaced };
    else if (hangul !== undefined) yield { kind: "hangul", text: hangul };
    else yield { kind: "word", text: whole };
  }
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
