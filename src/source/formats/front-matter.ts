/** The block of fields between `---` (YAML) or `+++` (TOML) lines at the very start of a Markdown file. */

export interface FrontMatter {
  /** Where the document's own text begins. */
  readonly end: number;
  readonly title?: string;
  readonly description?: string;
}

const NONE: FrontMatter = { end: 0 };
const MAX_LENGTH = 65_536;

/**
 * Only `title` and `description` are read, as single-line scalars: no YAML parser is worth its risks for two fields. Line
 * by line, in linear time.
 */
export function readFrontMatter(text: string): FrontMatter {
  const lines = linesOf(text, MAX_LENGTH);
  const rule = lines.next().value?.line;
  if (rule !== "---" && rule !== "+++") return NONE;
  const fields: string[] = [];
  for (const { line, end } of lines) {
    if (line !== rule && !(rule === "---" && line === "...")) {
      fields.push(line);
      continue;
    }
    // Between two rules in an ordinary text stand sentences, not `key: value` lines.
    if (fields.some((field) => field !== "") && !fields.some((field) => FIELD.test(field))) return NONE;
    return { end, title: scalar(fields, "title"), description: scalar(fields, "description") };
  }
  return NONE;
}

const FIELD = /^\s*["\w.-]+\s*[:=]/;

/** Lines without blank space at their end, and where the next one begins. */
function* linesOf(text: string, limit: number): Generator<{ line: string; end: number }> {
  for (let start = 0; start < limit && start < text.length; ) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed + 1;
    if (end > limit) return;
    yield { line: text.slice(start, end).trimEnd(), end };
    start = end;
  }
}

function scalar(fields: readonly string[], name: string): string | undefined {
  const field = fields.find((line) => line.startsWith(name) && /^\s*[:=]/.test(line.slice(name.length)));
  const value = field?.slice(name.length).trimStart().slice(1).trim() ?? "";
  if (/^[|>][+-]?\d?$/.test(value)) return undefined;
  const quoted = /^(["'])(.*)\1$/.exec(value);
  if (quoted === null) return withoutComment(value) || undefined;
  const inner = quoted[2] as string;
  const unescaped =
    quoted[1] === "'" ? inner.replaceAll("''", "'") : inner.replaceAll('\\"', '"').replaceAll("\\\\", "\\");
  return unescaped || undefined;
}

/** A comment begins at a `#` behind blank space. */
function withoutComment(value: string): string {
  for (let at = value.indexOf("#"); at !== -1; at = value.indexOf("#", at + 1)) {
    if (at > 0 && /\s/.test(value.charAt(at - 1))) return value.slice(0, at).trimEnd();
  }
  return value;
}
