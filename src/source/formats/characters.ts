/** Characters that no store can hold: lone surrogates, which are none, and NUL, which ends strings in some. */

export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, "\ufffd");
}

/** Of a character reference of HTML or XML. */
export function fromCodePoint(codepoint: number): string {
  return codepoint <= 0x10ffff ? wellFormed(String.fromCodePoint(codepoint)) : "\ufffd";
}
