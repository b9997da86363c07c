/** What stands in front of a chunk's text when it is embedded: the document's title and the heading path. */
import type { CountTokens } from "./count.js";
import { characterBoundary } from "./spans.js";

export interface Prefix {
  /** Heading path without the document's title. */
  readonly headings: readonly string[];
  /** `Title > Heading > Heading`, possibly shortened; "" when there is nothing to say. */
  readonly text: string;
  readonly tokens: number;
}

const MAX_HEADING_TOKENS = 48;
const MAX_HEADING_LENGTH = 160;
const MAX_TITLE_TOKENS = 64;
const MAX_TITLE_LENGTH = 240;
const SEPARATOR = " > ";

/**
 * One prefix for each path, in order. Neither title nor path takes more than a quarter of `budget`, so that a model
 * with a short input still embeds mostly text.
 */
export async function prefixesOf(
  paths: readonly (readonly string[])[],
  title: string,
  budget: number,
  count: CountTokens,
): Promise<Prefix[]> {
  const quarter = Math.floor(budget / 4);
  const headings = paths.map((path) => (path[0] === title && title !== "" ? path.slice(1) : path));
  const titleLimit = { tokens: Math.min(MAX_TITLE_TOKENS, quarter), length: MAX_TITLE_LENGTH };
  const pathLimit = { tokens: Math.min(MAX_HEADING_TOKENS, quarter), length: MAX_HEADING_LENGTH };
  const [shortTitle = ""] = await shorten([title === "" ? [] : [title]], titleLimit, count);
  const shortPaths = await shorten(headings, pathLimit, count);
  const texts = shortPaths.map((path) => [shortTitle, path].filter((part) => part !== "").join(SEPARATOR));
  const tokens = await count(texts);
  return texts.map((text, i) => ({ headings: headings[i] as readonly string[], text, tokens: tokens[i] as number }));
}

interface Limit {
  readonly tokens: number;
  readonly length: number;
}

/** Each path joined, its outermost headings dropped and the innermost cut until it fits. */
async function shorten(paths: readonly (readonly string[])[], limit: Limit, count: CountTokens): Promise<string[]> {
  const left = paths.map((path) => fitLength(path, limit.length));
  let open = left.map((_, index) => index).filter((index) => left[index]?.length !== 0);
  while (open.length > 0) {
    const counts = await count(open.map((index) => (left[index] as string[]).join(SEPARATOR)));
    open = open.filter((_, i) => (counts[i] as number) > limit.tokens);
    for (const index of open) left[index] = shorter(left[index] as string[]);
    open = open.filter((index) => left[index]?.length !== 0);
  }
  return left.map((path) => path.join(SEPARATOR));
}

function fitLength(path: readonly string[], length: number): string[] {
  let left = [...path];
  while (left.length > 1 && left.join(SEPARATOR).length > length) left = left.slice(1);
  return left.length === 1 ? [cutAt(left[0] as string, length)] : left;
}

function shorter(path: readonly string[]): string[] {
  if (path.length > 1) return path.slice(1);
  const [only = ""] = path;
  const half = cutAt(only, Math.floor(only.length / 2));
  return half === "" ? [] : [half];
}

/** At most `length` characters, at the end of a word where there is one. */
function cutAt(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = text.slice(0, characterBoundary(text, length));
  return (/\s/.test(text[head.length] as string) ? head : head.replace(/\s+\S*$/, "")).trim();
}
