/** A word in the one form that all its spellings share: lower case, without what its script's readers do without. */

const ASCII = /^[\0-\x7f]*$/;
/** Accents, diaeresis and vowel points are left out at will; of a script that is not named here they are letters. */
const OPTIONAL_MARKS = /(^|[\p{Script=Latin}\p{Script=Greek}\p{Script=Hebrew}\p{N}_])\p{M}+/gu;
/** Stress and short vowels, which Unicode makes no letter with; й, ї, ئ are letters. */
const LOOSE_MARKS = /([\p{Script=Cyrillic}\p{Script=Arabic}])\p{M}+/gu;

/** Letters that are written one for the other. */
const SAME: Readonly<Record<string, string>> = {
  ß: "ss",
  ς: "σ",
  ё: "е",
  ѐ: "е",
  ѝ: "и",
  // As Lucene's normalisers of Arabic and Persian: forms of alef, yeh and kaf, the feminine ending.
  آ: "ا",
  أ: "ا",
  إ: "ا",
  ٱ: "ا",
  ى: "ي",
  ی: "ي",
  ک: "ك",
  ة: "ه",
  // As its normaliser of Hindi: the dot below, the nasal sign.
  "\u093c": "",
  "\u0901": "\u0902",
};
const ANY_SAME = new RegExp(`[${Object.keys(SAME).join("")}]`, "gu");

export function fold(word: string): string {
  const lower = word.toLowerCase();
  if (ASCII.test(lower)) return lower;
  return lower
    .normalize("NFD")
    .replace(OPTIONAL_MARKS, "$1")
    .normalize("NFC")
    .replace(LOOSE_MARKS, "$1")
    .replace(ANY_SAME, (letter) => SAME[letter] as string);
}
