/** Signs that Word writes as a place in a font of symbols: Greek letters, relations, boxes that are ticked. */

/** Of Symbol from 0x41 and from 0x61; http://www.unicode.org/Public/MAPPINGS/VENDORS/ADOBE/symbol.txt */
const CAPITALS = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";
const SMALL = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";
const SYMBOL = new Map<number, string>([
  ...Array.from(CAPITALS, (sign, i) => [0x41 + i, sign] as const),
  ...Array.from(SMALL, (sign, i) => [0x61 + i, sign] as const),
  [0xa3, "≤"],
  [0xa5, "∞"],
  ...Array.from("↔←↑→↓°±″≥×∝∂•÷≠≡≈…", (sign, i) => [0xab + i, sign] as const),
  ...Array.from("∩∪⊃⊇⊄⊂⊆∈∉", (sign, i) => [0xc7 + i, sign] as const),
  ...Array.from("∏√⋅¬∧∨⇔⇐⇑⇒⇓", (sign, i) => [0xd5 + i, sign] as const),
  [0xe5, "∑"],
  [0xf2, "∫"],
]);
const WINGDINGS = new Map([
  [0x6f, "☐"],
  [0xa8, "☐"],
  [0xe0, "→"],
  [0xfb, "✗"],
  [0xfc, "✓"],
  [0xfd, "☒"],
  [0xfe, "☑"],
]);

/** "" for one that says nothing. @param code hexadecimal; fonts of symbols have theirs in the private area too */
export function symbolOf(font: string, code: string): string {
  const place = Number.parseInt(code, 16) & 0xff;
  return (font === "Symbol" ? SYMBOL : font === "Wingdings" ? WINGDINGS : undefined)?.get(place) ?? "";
}
