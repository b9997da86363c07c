/** Reasons to leave a file out: by its name before it is read, by its content after. */
import { isSecretName, isSuspectName, keepsValues } from "./secret-names.js";
import { secretIn } from "./secrets.js";

const GENERATED_NAMES =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|packages\.lock\.json|pnpm-lock\.yaml|go\.sum|\.terraform\.lock\.hcl|.*\.(?:lock|lockfile|min\.(?:js|css)|map))$/i;

/** What file managers, office programs and editors leave beside documents. */
const PROGRAMS_NAMES = /^(?:\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|~\$.*|\.~lock\..*#|.*~|#.*#|\.#.*|.*\.sw[k-p])$/i;

/** By kind of format: a binary one is mostly pictures and fonts. */
export const MAX_FILE_BYTES = { text: 10_000_000, binary: 50_000_000 };
/** Of the text that is in a binary one, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 10_000_000;
export const TOO_MUCH_TEXT = `more than ${MAX_TEXT_LENGTH / 1e6} MB of text`;

const SECRET_NAME = "its name looks like a secret's";

/** Whatever is in a file of that name. */
export function refuseName(name: string): string | undefined {
  if (isSecretName(name)) return SECRET_NAME;
  if (GENERATED_NAMES.test(name)) return "generated file";
  if (PROGRAMS_NAMES.test(name)) return "backup or lock file of a program";
  return undefined;
}

/** A file of many records: what each of them holds says nothing of the file. */
export function refuseRecordsName(name: string): string | undefined {
  return isSuspectName(name) ? SECRET_NAME : refuseName(name);
}

/** For all that becomes part of the index. */
export function refuseSecrets(text: string): string | undefined {
  const secret = secretIn(text);
  return secret === undefined ? undefined : `holds ${secret}`;
}

/** @param name of the file; absent: of none of its own */
export function refuseText(text: string, name = ""): string | undefined {
  const secret = refuseSecrets(text);
  if (secret !== undefined) return secret;
  if (isSuspectName(name) && keepsValues(name, text)) return `${SECRET_NAME}, and it holds values`;
  if (text.trim() === "") return "no text in it";
  return undefined;
}

/** Bytes that no text has: control characters but for those of layout, terminals and old manual pages. */
const NO_TEXT = new Set([0, 1, 2, 3, 4, 5, 6, ...Array.from({ length: 13 }, (_, i) => 14 + i), 28, 29, 30, 31, 127]);

/** Whether a file of an unknown kind begins as text does. What says that it is UTF-16 holds NUL bytes. */
export function beginsAsText(head: Uint8Array): boolean {
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  return isUtf16 || !head.some((byte) => NO_TEXT.has(byte));
}

/** @param text what is left of a text without encoded data */
export function refuseEncoded(text: string, original: string): string | undefined {
  return text === original || /[\p{L}\p{N}]/u.test(text) ? undefined : "holds nothing but encoded data (base64)";
}

/** No code that people write has this many characters, and lines that are so long on average. */
const MINIFIED = { length: 50_000, line: 500 };

export function refuseMinified(text: string): string | undefined {
  if (text.length <= MINIFIED.length) return undefined;
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  if (text.length / lines <= MINIFIED.line) return undefined;
  return `generated or minified: its lines have more than ${MINIFIED.line} characters on average`;
}

/** No verdict on the text: next time it may be read. */
export class GivenUp extends Error {}

/** What went wrong with a file, without its path. */
export function failureReason(thrown: unknown): string {
  if (thrown instanceof GivenUp) return thrown.message;
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EACCES" || code === "EPERM") return `permission denied (${code})`;
  if (code === "EMLINK")
    return "has another name (a hard link), and where is not known: index it from the command line";
  if (["ESTALE", "ELOOP", "ENOTDIR"].includes(code ?? "")) return `was moved while the folder was read (${code})`;
  if (code === "ENOENT") return "vanished while the folder was read (ENOENT)";
  return `cannot be read (${code ?? String(thrown)})`;
}
