/** The block of fields between `---` (YAML) or `+++` (TOML) lines at the very start of a Markdown file. */

export interface FrontMatter {
  /** Where the document's own text begins. */
  readonly end: number;
  readonly title?: string;
  readonly description?: string;
}

const NONE: FrontMatter = { end: 0 };
const MAX_LENGTH = 65_536;

/** Only `title` and `description` are read, as single-line scalars: no YAML parser is worth its risks for two fields. */
export function readFrontMatter(text: string): FrontMatter {
  const open = /^(---|\+\+\+)[ \t]*\r?\n/.exec(text.slice(0, 64));
  if (open === null) return NONE;
  const head = text.slice(open[0].length, MAX_LENGTH);
  const close = (open[1] === "---" ? /^(?:---|\.\.\.)[ \t]*\r?(?:\n|$)/m : /^\+\+\+[ \t]*\r?(?:\n|$)/m).exec(head);
  if (close === null) return NONE;
  const fields = head.slice(0, close.index);
  // Between two rules in an ordinary text stand sentences, not `key: value` lines.
  if (fields.trim() !== "" && !/^\s*["\w.-]+\s*[:=]/m.test(fields)) return NONE;
  const title = scalar(fields, "title");
  const description = scalar(fields, "description");
  return {
    end: open[0].length + close.index + close[0].length,
    title: title || undefined,
    description: description || undefined,
  };
}

function scalar(fields: string, name: string): string | undefined {
  const value = new RegExp(`^${name}\\s*[:=][ \\t]*(.*)$`, "m").exec(fields)?.[1]?.trim();
  if (value === undefined || /^[|>][+-]?\d?$/.test(value)) return undefined;
  const quoted = /^(["'])(.*)\1$/.exec(value);
  if (quoted === null) return value.replace(/\s+#.*$/, "");
  const inner = quoted[2] as string;
  return quoted[1] === "'" ? inner.replaceAll("''", "'") : inner.replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}
