/** Texts of many kinds, the same for the same seed: what a tokenizer may meet in documents and queries. */

/** mulberry32: a small seeded generator, 0..1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS =
  "retrieval vector index the of chunk query fusion don't can't e-mail U.S.A. naïve café façade Ångström Zürich straße coöperate embedding unaffable antidisestablishmentarianism snake_case camelCase maxTokens HTTPServer v2.10.3 3,520,031 1e-9 0xdeadbeef 100% $5.00 C++ F# a/b @user #tag [CLS] [SEP] [MASK] [UNK] [PAD] ##ing".split(
    " ",
  );
/** Inclusive ranges of code points, one script or kind each. */
const RANGES: readonly (readonly [string, number, number])[] = [
  ["latin-1", 0xa1, 0xff],
  ["latin extended", 0x100, 0x24f],
  ["ipa and modifiers", 0x250, 0x2ff],
  ["combining", 0x300, 0x36f],
  ["greek", 0x370, 0x3ff],
  ["cyrillic", 0x400, 0x52f],
  ["armenian", 0x531, 0x58a],
  ["hebrew", 0x591, 0x5f4],
  ["arabic", 0x600, 0x6ff],
  ["devanagari", 0x900, 0x97f],
  ["tamil", 0xb80, 0xbff],
  ["thai", 0xe01, 0xe5b],
  ["georgian", 0x10a0, 0x10ff],
  ["hangul jamo", 0x1100, 0x11ff],
  ["cherokee", 0x13a0, 0x13ff],
  ["vietnamese", 0x1e00, 0x1eff],
  ["greek extended", 0x1f00, 0x1fff],
  ["punctuation", 0x2010, 0x205e],
  ["super- and subscripts", 0x2070, 0x209c],
  ["currency", 0x20a0, 0x20c0],
  ["combining symbols", 0x20d0, 0x20f0],
  ["letterlike", 0x2100, 0x214f],
  ["number forms", 0x2150, 0x218b],
  ["arrows and mathematics", 0x2190, 0x22ff],
  ["technical and boxes", 0x2300, 0x25ff],
  ["symbols", 0x2600, 0x27bf],
  ["cjk punctuation", 0x3000, 0x303f],
  ["hiragana and katakana", 0x3041, 0x30ff],
  ["cjk compatibility", 0x3200, 0x33ff],
  ["han", 0x4e00, 0x9fff],
  ["hangul", 0xac00, 0xd7a3],
  ["cjk compatibility ideographs", 0xf900, 0xfad9],
  ["alphabetic presentation", 0xfb00, 0xfb4f],
  ["full-width", 0xff01, 0xffee],
  ["private use", 0xe000, 0xe0ff],
  ["gothic", 0x10330, 0x1034a],
  ["deseret", 0x10400, 0x1044f],
  ["mathematical letters", 0x1d400, 0x1d7ff],
  ["emoji", 0x1f300, 0x1f6ff],
  ["emoji, newer", 0x1f900, 0x1faff],
  ["han, extension B", 0x20000, 0x202ff],
  ["tags", 0xe0020, 0xe007f],
];
const SPACES = [..." \t\n\r\u000b\u000c\u0085\u00a0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"];
const INVISIBLE = [
  ..."\u0000\u0001\u0007\u0008\u001b\u007f\u0080\u009f\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\ufeff\ufffd\ufff9\ufe0f\u180e\u061c\u{e0001}",
];
const SNIPPETS = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code as text
  "const x = await fetch(`https://example.com/a?b=${c}&d=%20#e`);",
  "SELECT * FROM docs WHERE id IN (1, 2, 3) -- comment",
  "def f(x: int) -> str: return f'{x!r:>10}'",
  '<a href="https://example.com/ä/ö?q=1&amp;r=2">link</a>',
  "https://user:pw@host.example.com:8080/path/to/file.tar.gz?x=1#frag",
  "if (a !== b && c <= d) { e ||= f ?? g; }",
  "| col a | col b |\n|---|---|\n| 1 | 2 |",
  "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 1️⃣",
  "Ｆｕｌｌ ｗｉｄｔｈ ﬁ ﬂ ½ ² ™ №",
  "İstanbul I ı ŞİŞLİ ǅ ẞ Σίσυφος ΟΔΥΣΣΕΥΣ",
  "e\u0301 E\u0301 a\u0308 n\u0303 \u1100\u1161\u11a8",
];

/** `count` texts; every seventh or so mixes several kinds. */
export function generatedTexts(count: number, seed: number): string[] {
  const random = seeded(seed);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const characters = () => {
    const [, from, to] = pick(RANGES);
    return Array.from({ length: 1 + below(12) }, () => String.fromCodePoint(from + below(to - from + 1))).join("");
  };
  const kinds: readonly (() => string)[] = [
    () => Array.from({ length: 1 + below(20) }, () => pick(WORDS)).join(" "),
    characters,
    () => `${pick(WORDS)}${characters()}${pick(WORDS)}`,
    () => `${pick(WORDS)}${pick(SPACES)}${pick(WORDS)}${pick(SPACES)}${pick(SPACES)}${pick(WORDS)}`,
    () => `${pick(WORDS)}${pick(INVISIBLE)}${pick(WORDS)}`,
    () => pick(SNIPPETS),
    () => pick(["x", "ab", "é", "語", "5", "x1_", "-"]).repeat(60 + below(120)),
    () => String(random() * 10 ** below(20)),
    () => `${pick(WORDS)}${pick(["\ud83d", "\udc00", "\ude00\ud83d"])}${pick(WORDS)}`,
    () => Array.from({ length: 200 + below(200) }, () => pick(WORDS)).join(pick(["", " ", "-"])),
    () => `${pick(WORDS)}${pick(["[CLS]", "[MASK]", "[sep]", "[ CLS ]", "[UNK]x", "##"])}${pick(WORDS)}`,
    () => pick(WORDS).toUpperCase() + characters().toUpperCase(),
  ];
  return Array.from({ length: count }, () => {
    const parts = random() < 0.85 ? 1 : 2 + below(4);
    return Array.from({ length: parts }, () => pick(kinds)()).join(pick(["", " ", "\n"]));
  });
}
