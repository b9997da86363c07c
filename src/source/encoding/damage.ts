/** How much of a decoded text is no text. */

/** How the encoding is known: the bytes are valid in it, they were declared or detected, or begin like UTF-16. */
export type Certainty = "certain" | "probable" | "marked";

/** Characters: NUL; unless it is certain, other controls and bytes without a meaning; in UTF-16, unassigned ones. */
export function damageIn(text: string, certainty: Certainty): number {
  const isDamage = certainty === "certain" ? isNul : isNoText;
  let found = 0;
  for (let at = 0; at < text.length; at++) if (isDamage(text.charCodeAt(at))) found++;
  if (certainty !== "marked") return found;
  // Random bytes are hardly ever invalid there.
  return found + text.length - text.replace(/\p{Cn}/gu, "").length;
}

function isNul(code: number): boolean {
  return code === 0;
}

const ESCAPE = 0x1b;
const NEXT_LINE = 0x85;
const REPLACEMENT = 0xfffd;

/** Escape begins the colours of a terminal. */
function isNoText(code: number): boolean {
  if (code < 0x20) return !(code >= 9 && code <= 13) && code !== ESCAPE;
  return (code >= 0x7f && code < 0xa0 && code !== NEXT_LINE) || code === REPLACEMENT;
}
