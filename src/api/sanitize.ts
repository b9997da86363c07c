/** Indexed text is untrusted: what could drive a terminal, hide text or reorder it is taken out before it is shown. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** C0 and C1 controls but tab and line feed; soft hyphen, zero-width, bidi controls, BOM, Unicode tags, annotations. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export function sanitize(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(ANSI, "").replace(INVISIBLE, "").toWellFormed();
}

/** One line of at most `max` characters: for titles, headings and document names. */
export function sanitizeLine(text: string, max = 200): string {
  const line = sanitize(text).replace(/\s+/g, " ").trim();
  return line.length > max ? `${line.slice(0, max - 1).toWellFormed()}…` : line;
}
