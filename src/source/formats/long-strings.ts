/** Strings and comments of several lines: what stands in column 1 inside them is no code. */

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

interface Lexis {
  /** Everything that may hold a quotation mark without opening a long string, and what opens one. */
  readonly token: RegExp;
  /** By what opens it. */
  readonly closing: ReadonlyMap<string, string>;
}

const ONE_LINE = `"(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'?`;
/** Group 1: the word that ends it on a line of its own. */
const HEREDOC = "<<[~<-]?[ \\t]?[\"'`]?([A-Za-z_]\\w{0,60})";

const COMMENT: readonly [string, string] = ["/*", "*/"];
const QUOTES: readonly [string, string] = ['"""', '"""'];
const TICKS: readonly [string, string] = ["`", "`"];

const LANGUAGES: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  ["py pyi", "#.*", [QUOTES, ["'''", "'''"]]],
  ["ex exs", "#.*", [QUOTES, ["'''", "'''"]]],
  ["js jsx mjs cjs ts tsx mts cts go", "//.*", [COMMENT, TICKS]],
  ["java kt kts scala groovy swift cs", "//.*", [COMMENT, QUOTES]],
  ["c h cc cpp cxx hpp hh cu m mm rs proto css scss less", "//.*", [COMMENT]],
  ["php", `//.*|#(?!\\[).*|${HEREDOC}`, [COMMENT]],
  ["rb", `#.*|${HEREDOC}`, [["\n=begin", "\n=end"]]],
  ["sh bash zsh", `(?<![\\w$\\{])#.*|${HEREDOC}`, []],
  ["lua", "--(?!\\[\\[).*", [["[[", "]]"]]],
];

const LEXES = new Map<string, Lexis>(
  LANGUAGES.flatMap(([extensions, others, long]) => {
    const opening = long.map(([open]) => open.replace(/[*[\]]/g, "\\$&"));
    const token = new RegExp([...opening, others, ONE_LINE].join("|"), "g");
    return extensions.split(" ").map((extension) => [extension, { token, closing: new Map(long) }] as const);
  }),
);

/** In front of the word that ends a string. */
const MOST_INDENT = 40;
/** As code is matched. */
const MAX_MATCHED_LENGTH = 200;
/** What searches that lead to nothing may look at, in lengths of the text. */
const MOST_IN_VAIN = 20;

/**
 * In order, not overlapping. One in which a definition seems to begin is none: a mark that opens nothing, as in a regular
 * expression, would turn code into text up to the next one.
 * @param extension of the language, without the dot @param definition tried on lines inside
 */
export function longStrings(text: string, extension: string, definition: RegExp): Span[] {
  const lexis = LEXES.get(extension);
  if (lexis === undefined) return [];
  const spans: Span[] = [];
  const token = new RegExp(lexis.token);
  let left = MOST_IN_VAIN * text.length;
  for (let found = token.exec(text); found !== null && left > 0; found = token.exec(text)) {
    const [opening, word] = found;
    const closing = lexis.closing.get(opening);
    if (closing === undefined && word === undefined) continue;
    const from = token.lastIndex;
    const end = word === undefined ? after(text, closing as string, from) : afterWord(text, word, from);
    if (end !== undefined && !holdsDefinition(text.slice(from, end), definition)) {
      spans.push({ start: found.index, end });
      token.lastIndex = end;
    } else left -= (end ?? text.length) - from;
  }
  return spans;
}

function after(text: string, closing: string, from: number): number | undefined {
  const at = text.indexOf(closing, from);
  return at === -1 ? undefined : at + closing.length;
}

/** On a line of its own, but for blanks and signs. */
function afterWord(text: string, word: string, from: number): number | undefined {
  for (let at = text.indexOf(word, from); at !== -1; at = text.indexOf(word, at + word.length)) {
    const end = at + word.length;
    const isAlone = /\n[ \t]*$/.test(text.slice(Math.max(from, at - MOST_INDENT), at)) && !/\w/.test(text[end] ?? "");
    if (isAlone) return end;
  }
  return undefined;
}

function holdsDefinition(inside: string, definition: RegExp): boolean {
  for (let feed = inside.indexOf("\n"); feed !== -1; feed = inside.indexOf("\n", feed + 1)) {
    const head = inside.slice(feed + 1, feed + 1 + MAX_MATCHED_LENGTH).split("\n", 1)[0] as string;
    if (/^\S/.test(head) && definition.test(head)) return true;
  }
  return false;
}
