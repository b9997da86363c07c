/** Where the front matter of a text begins and ends, and in which language it is. */

export interface Block {
  readonly language: "yaml" | "toml" | "json";
  /** Without the lines of `---` or `+++` around it. */
  readonly source: string;
  /** Where the text behind it begins. */
  readonly end: number;
  /** Whether a blank line follows the opening rule, or precedes the closing one. */
  readonly isApart: boolean;
}

const MAX_LENGTH = 65_536;
const RULES = new Map([
  ["---", "yaml"],
  ["+++", "toml"],
] as const);

/** Undefined when the text begins with none, or it is longer than 64 kB. Linear time. */
export function findBlock(text: string): Block | undefined {
  return text.startsWith("{") ? objectBlock(text) : ruledBlock(text);
}

function ruledBlock(text: string): Block | undefined {
  const lines = linesOf(text);
  const { line: rule, end: start = 0 } = lines.next().value ?? {};
  const language = RULES.get(rule as "---" | "+++");
  if (language === undefined) return undefined;
  let first: string | undefined;
  let before = "";
  let at = start;
  for (const { line, end } of lines) {
    if (line === rule || (language === "yaml" && line === "...")) {
      return { language, source: text.slice(start, at), end, isApart: first === "" || before === "" };
    }
    first ??= line;
    before = line;
    at = end;
  }
  return undefined;
}

/** Lines without blank space at their end, and where the next one begins. */
function* linesOf(text: string): Generator<{ line: string; end: number }> {
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed + 1;
    if (end > MAX_LENGTH) return;
    yield { line: text.slice(start, end).trimEnd(), end };
    start = end;
  }
}

/** From the first brace to the one that closes it, which ends its line. */
function objectBlock(text: string): Block | undefined {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < Math.min(text.length, MAX_LENGTH); at++) {
    const sign = text[at];
    if (inString) {
      if (sign === "\\") at++;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === "{") depth++;
    else if (sign === "}" && --depth === 0) {
      const feed = text.indexOf("\n", at);
      const end = feed === -1 ? text.length : feed + 1;
      if (text.slice(at + 1, end).trim() !== "") return undefined;
      return { language: "json", source: text.slice(0, at + 1), end, isApart: false };
    }
  }
  return undefined;
}
