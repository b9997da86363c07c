/** Commands inside LaTeX's text: what of them is read, and how a heading looks. */
const MAX_ARGUMENT = 2_000;
/** Commands of which the argument is a key, a measure, a file or an address. */
const SILENT =
  "(?:no|foot|text|paren|auto|full)?cite\\w*|(?:page|auto|eq|name|v|c|C)?ref|label|includegraphics|input|include|usepackage|documentclass|bibliography(?:style)?|[vh]space|begin|end|index|href|hypersetup|set\\w+|addtolength|pagestyle|thispagestyle|newcommand|renewcommand|new\\w+|gls\\w*|color|vskip|hskip|cmidrule|cline";
const OPTIONS = "\\s?\\[[^\\[\\]{}]{0,500}\\]";
/** What is not read: comments, commands, and the arguments of some. */
export const LATEX_MARKUP = new RegExp(
  [
    "(?<!\\\\)%[^\\n]{0,4000}",
    `\\\\(?:${SILENT})\\b\\*?(?:${OPTIONS}){0,2}\\{[^{}]{0,500}\\}(?:\\{[lcrpXmb|@!>0-9.\\s]{0,100}\\})?`,
    `\\\\[a-zA-Z@]+\\*?(?:${OPTIONS})?`,
    "\\\\[\"'`^~=.uvHcdbkr](?=\\{?\\p{L})",
    "\\\\\\\\",
  ].join("|"),
  "gu",
);

/** What stands between a brace and the one that closes it; without one, as far as the line goes. */
export function argumentAt(text: string, brace: number): string {
  let depth = 0;
  const limit = Math.min(text.length, brace + MAX_ARGUMENT);
  for (let at = brace; at < limit; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return text.slice(brace + 1, at);
  }
  return text.slice(brace + 1, limit).split("\n", 1)[0] as string;
}

/** Combining signs of the accents that commands set. */
const ACCENTS: Readonly<Record<string, string>> = {
  '"': "\u0308",
  "'": "\u0301",
  "`": "\u0300",
  "^": "\u0302",
  "~": "\u0303",
  "=": "\u0304",
  ".": "\u0307",
  c: "\u0327",
  v: "\u030c",
  u: "\u0306",
  H: "\u030b",
  k: "\u0328",
  r: "\u030a",
};
const ACCENT = /\\(?:["'`^~=.]|[cvuHkr](?=[{\s]))\s{0,2}(?:\{\\?\p{L}\}|\\?\p{L})/gu;
const LETTERS: readonly (readonly [RegExp, string])[] = [
  [/\\ss\b\s?(?:\{\})?/g, "ß"],
  [/\\o\b\s?(?:\{\})?/g, "ø"],
  [/\\ae\b\s?(?:\{\})?/g, "æ"],
  [/\\(?:La)?TeX\b\s?(?:\{\})?/g, "LaTeX "],
];

/** Without commands, accents as letters. */
export function plainLatex(source: string): string {
  const letters = LETTERS.reduce((text, [command, letter]) => text.replace(command, letter), source);
  return letters
    .replace(ACCENT, accented)
    .replace(LATEX_MARKUP, (found) => (found === "\\\\" ? " " : ""))
    .replace(/~|\\[,;: ]/g, " ")
    .replace(/\\([&%$#_{}])/g, "$1")
    .replace(/(?<!\\)[{}$]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The letter that a command sets an accent on. */
function accented(command: string): string {
  const letter = command.replace(/[{}\s]/g, "").at(-1) ?? "";
  return `${letter}${ACCENTS[command[1] as string] ?? ""}`.normalize("NFC");
}
