/** Base64 and `data:` URIs inside a text: bytes of pictures and the like, which mean nothing to a reader. */

/** Stands for what was taken out. */
const MARK = "\u2026";
/** Shorter ones are examples. */
const LEAST_URI = 64;
const LEAST_RUN = 200;
/** The shortest piece of a run, and the shortest full line of one that is wrapped. */
const LEAST_PIECE = 20;
const LEAST_LINE = 60;
const URI =
  /data:(?:image|audio|video|font|application|text|model)\/[\w.+-]{1,80}(?:;[\w.+-]{1,40}(?:=[\w.+-]{0,40})?){0,5},[^\s"'`()<>[\]]*/gi;
/** What a wrapped run has between two lines; the `n` of an escaped line feed counts as one of its letters. */
const JOINT = /^(?:\r?\n[ \t>]{0,40}|\\(?:r\\)?)$/;

interface Run {
  readonly start: number;
  end: number;
  /** Without what joins its lines. */
  length: number;
  /** Of the last line. */
  last: number;
  wrapped: boolean;
}

/** The same text, with as many lines, without encoded data. Linear time. */
export function withoutEncodedData(text: string): string {
  const plain = text.replace(URI, (uri) => (uri.length < LEAST_URI ? uri : MARK));
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of encodedRuns(plain)) {
    parts.push(plain.slice(at, start), MARK, ...lineFeeds(plain, start, end));
    at = end;
  }
  return at === 0 ? plain : parts.join("") + plain.slice(at);
}

function* encodedRuns(text: string): Generator<Run> {
  let open: Run | undefined;
  for (const piece of pieces(text)) {
    if (open !== undefined && continues(text, open, piece)) {
      open.end = piece.end;
      open.length += piece.length;
      open.last = piece.length;
      open.wrapped = true;
    } else {
      if (open !== undefined && isEncoded(text, open)) yield open;
      open = piece;
    }
  }
  if (open !== undefined && isEncoded(text, open)) yield open;
}

function continues(text: string, { end, last }: Run, { start }: Run): boolean {
  return last >= LEAST_LINE && start - end < 50 && JOINT.test(text.slice(end, start));
}

/** Runs of letters that base64 uses, with its padding. */
function* pieces(text: string): Generator<Run> {
  for (let at = 0; at < text.length; at++) {
    const start = at;
    while (at < text.length && kindOf(text.charCodeAt(at)) !== undefined) at++;
    const length = at - start;
    while (text[at] === "=" && at - start - length < 2) at++;
    if (length >= LEAST_PIECE) yield { start, end: at, length, last: length, wrapped: false };
  }
}

type Kind = "upper" | "lower" | "digit" | "sign";

function kindOf(code: number): Kind | undefined {
  if (code >= 0x61 && code <= 0x7a) return "lower";
  if (code >= 0x41 && code <= 0x5a) return "upper";
  if (code >= 0x30 && code <= 0x39) return "digit";
  return code === 0x2b || code === 0x2f || code === 0x2d || code === 0x5f ? "sign" : undefined;
}

/** Random base64 has 41 % small and 41 % capital letters, 16 % digits and 3 % signs; paths and slugs are full of signs. */
function isEncoded(text: string, { start, end, length, wrapped }: Run): boolean {
  if (length < LEAST_RUN) return false;
  const counts: Record<Kind, number> = { upper: 0, lower: 0, digit: 0, sign: 0 };
  for (let at = start; at < end; at++) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind !== undefined) counts[kind]++;
  }
  const { upper, lower, digit, sign } = counts;
  if (Math.min(upper, lower) >= length * 0.05 && digit >= length * 0.03 && sign <= length * 0.1) return true;
  // Lines of hexadecimal digits are lists of checksums.
  return !wrapped && digit >= length * 0.05 && digit < length * 0.95 && /^[0-9a-f]+$/i.test(text.slice(start, end));
}

function* lineFeeds(text: string, from: number, to: number): Generator<string> {
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) yield "\n";
}
