/** The encoding that a file says it has: XML declaration, HTML meta element, coding line of Python, Emacs and Vim. */

/** Browsers look for a declaration this far. */
const HEAD_BYTES = 1024;
const XML = /^\s*<\?xml[^>]{0,200}\sencoding\s*=\s*["']([\w.:-]{1,40})/i;
const META = /<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;
/** https://peps.python.org/pep-0263/, in the comments of other languages too. */
const CODING = /^\s*(?:#|\/[/*]|\*|;|--|%|").{0,200}?coding[:=]\s*([\w.:-]{1,40})/;

/** How the encoding switches to Japanese letters. */
const TO_JAPANESE = [Buffer.from("1b2442", "hex"), Buffer.from("1b2440", "hex")];

/** WHATWG name, lower case; undefined when there is none, or none that is known. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, HEAD_BYTES));
  const head = start.toString("latin1");
  const [first = "", second = ""] = head.split(/\r\n?|\n/, 2);
  const label = [XML.exec(head), META.exec(head), CODING.exec(first), CODING.exec(second)].find((found) => found)?.[1];
  if (label === undefined) return TO_JAPANESE.some((sequence) => start.includes(sequence)) ? "iso-2022-jp" : undefined;
  const name = label.toLowerCase().replace(/-(?:unix|dos|mac)$/, "");
  const known = [name, name.replaceAll("_", "-"), name.replace(/[-_]/g, "")].map(encodingOf).find((each) => each);
  // A declaration that can be read as single bytes is not in UTF-16.
  return known?.startsWith("utf-16") ? undefined : known;
}

function encodingOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
