/** Character references of HTML and XML. */

/** A lone surrogate is no character, and NUL ends strings in some stores. */
export function fromCodePoint(codepoint: number): string {
  const character = codepoint <= 0x10ffff ? String.fromCodePoint(codepoint) : "\ufffd";
  return /\p{Surrogate}|\0/u.test(character) ? "\ufffd" : character;
}
