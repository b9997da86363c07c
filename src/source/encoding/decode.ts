/** Bytes → text: UTF-8 and UTF-16, then the encoding a file declares, then the one that is detected. */
import { type Certainty, damageIn } from "./damage.js";
import { declaredEncoding } from "./declared.js";
import { detectedEncoding } from "./detected.js";
import { utf16Encoding } from "./utf16.js";

export interface Decoded {
  /** Without a byte-order mark; NUL and bytes that mean nothing are U+FFFD. */
  readonly text: string;
  /** WHATWG name; absent for valid UTF-8. */
  readonly encoding?: string;
}

/** One character of so many may be damaged: in binary data at least one of ten is. */
const CHARACTERS_PER_DAMAGE = 32;
const REPLACEMENT = "\ufffd";
const DAMAGED_UTF8 = "utf-8 (damaged)";

/** Undefined for binary data. Linear time, never throws. */
export function decodeText(bytes: Uint8Array): Decoded | undefined {
  const utf16 = utf16Encoding(bytes);
  if (utf16 !== undefined) return readable(decode(bytes, utf16), utf16, "marked");
  const text = decodeFully(bytes, "utf-8");
  const declared = declaredEncoding(bytes);
  if (text !== undefined && declared !== "iso-2022-jp") return readable(text, undefined, "certain");
  if (declared !== undefined && declared !== "utf-8") {
    const decoded = readable(decode(bytes, declared), declared, "probable");
    if (decoded !== undefined) return decoded;
  }
  return text === undefined ? decodeDamaged(bytes) : readable(text, undefined, "certain");
}

/** For formats that are UTF-8 by definition; undefined when more than a few bytes are not. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return readable(decode(bytes, "utf-8"), undefined, "probable")?.text;
}

/** Neither valid UTF-8 nor declared. A text in a legacy encoding has hardly any valid UTF-8 sequence by chance. */
function decodeDamaged(bytes: Uint8Array): Decoded | undefined {
  const text = decode(bytes, "utf-8");
  const damaged = readable(text, DAMAGED_UTF8, "probable");
  let balance = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === REPLACEMENT) balance--;
    else if (text.charCodeAt(at) >= 0x80) balance++;
  }
  if (balance >= 0) return damaged;
  const detected = detectedEncoding(bytes);
  return readable(decode(bytes, detected), detected, "probable") ?? damaged;
}

function decodeFully(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** As a stream: in one piece, some versions of Node decode windows-1252 as ISO-8859-1 (nodejs/node#56542). */
function decode(bytes: Uint8Array, encoding: string): string {
  const decoder = new TextDecoder(encoding);
  return decoder.decode(bytes, { stream: true }) + decoder.decode();
}

/** Undefined when too much is damaged. A run of NULs counts once: a crash leaves blocks of them in logs. */
function readable(decoded: string, encoding: string | undefined, certainty: Certainty): Decoded | undefined {
  const text = decoded.replace(/\0+/g, "\0");
  if (damageIn(text, certainty) > text.length / CHARACTERS_PER_DAMAGE) return undefined;
  return { text: withLineFeeds(text.replaceAll("\0", REPLACEMENT)), ...(encoding !== undefined && { encoding }) };
}

/** Mac OS before X ended lines with a carriage return alone. */
function withLineFeeds(text: string): string {
  return text.includes("\n") ? text : text.replaceAll("\r", "\n");
}
