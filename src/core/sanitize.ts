/**
 * The one way in which text of documents, names and servers leaves: without what drives a terminal, hides or reorders
 * text, or ends a line where nobody sees one.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** What some reader takes for the end of a line: CR, vertical tab, form feed, NEL, line and paragraph separator. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
const LINE_ENDS = /\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g;

/** Most texts have none. */
const UNUSUAL = /[^\t\n -~]/;
/** But tab and line feed; with interlinear annotations, which are no `Default_Ignorable_Code_Point`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb]/;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
const EVERY_IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * First a flag of England, Scotland or Wales, the only tag sequences that Unicode recommends; second what emoji and some
 * scripts may need; then what nobody needs.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: parts of characters are meant
  /\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}|[\u200c\u200d\ufe0f]|[\p{Default_Ignorable_Code_Point}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb]+/gu;

/** U+200C, U+200D and U+FE0F by what they do. */
const [NON_JOINER, JOINER, EMOJI_STYLE] = ["\u200c", "\u200d", "\ufe0f"];
const BLACK_FLAG = "🏴";
const KEYCAP = "\u20e3";
const EMOJI = /\p{Emoji}/u;
const KEYCAP_BASE = /[#*0-9]/;
const PICTOGRAPH = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u;
const ARABIC_LETTER = /(?=\p{Script=Arabic})\p{L}/u;
/** Of the Indic scripts: what makes a letter join the next one. */
const VIRAMA = /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]/;

/** Several lines stay several, each ended by a line feed. */
export function sanitize(text: string): string {
  if (isPlain(text)) return text;
  return text
    .toWellFormed() // first: two halves must not become a hidden character when what is between them goes
    .replace(ANSI, "")
    .replace(LINE_ENDS, "\n")
    .replace(HIDDEN, (hidden: string, at: number, whole: string) => (isNeeded(hidden, at, whole) ? hidden : ""));
}

/** One line of at most `max` characters: for titles, headings and document names. */
export function sanitizeLine(text: string, max = 200): string {
  const line = sanitize(text).replace(/\s+/g, " ").trim();
  return line.length > max ? `${line.slice(0, max - 1).toWellFormed()}…` : line;
}

/** One line as long as it is, its blanks kept. */
export function oneLine(text: string): string {
  return sanitize(text).replaceAll("\n", " ");
}

/** Without any sign that nobody sees: for comparing words, whose letters some of them join or part. */
export function visibleOnly(text: string): string {
  return UNUSUAL.test(text) ? text.replace(EVERY_IGNORABLE, "") : text;
}

/** Every text in a value as JSON has it, names of fields included. Looking costs a quarter of a copy. */
export function sanitizeAll<T>(value: T): T {
  return isPlain(value) ? value : (cleaned(value) as T);
}

/** Whether nothing in it can be hidden. */
function isPlain(value: unknown): boolean {
  if (typeof value === "string") {
    return !UNUSUAL.test(value) || (!CONTROL.test(value) && !IGNORABLE.test(value) && value.isWellFormed());
  }
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return Object.entries(value).every(([name, each]) => isPlain(name) && isPlain(each));
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return sanitize(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [sanitize(name), cleaned(each)]));
}

/**
 * Emoji: UAX #29, GB11 for the joiner, and keycaps. Scripts: joiners where RFC 5892, appendix A, allows them in names,
 * between letters of the Arabic script without its table of joining types.
 */
function isNeeded(hidden: string, at: number, text: string): boolean {
  if (hidden.startsWith(BLACK_FLAG)) return true;
  const before = characterBefore(text, at);
  const after = characterAt(text, at + 1);
  if (hidden === EMOJI_STYLE) return KEYCAP_BASE.test(before) ? after === KEYCAP : EMOJI.test(before);
  if (hidden !== NON_JOINER && hidden !== JOINER) return false;
  if (VIRAMA.test(before)) return true;
  if (hidden === NON_JOINER) return ARABIC_LETTER.test(before) && ARABIC_LETTER.test(after);
  const emoji = before === EMOJI_STYLE ? characterBefore(text, at - 1) : before;
  return PICTOGRAPH.test(emoji) && PICTOGRAPH.test(after);
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

function characterBefore(text: string, at: number): string {
  const isPair = at > 1 && (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00;
  return text.slice(isPair ? at - 2 : at - 1, at);
}
