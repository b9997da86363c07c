/** The encoding that a text without a declaration probably has, by the frequencies of its letters. */
import { analyse } from "chardet";

/** The library takes up to 5 ms for 1 kB. */
const SAMPLE_BYTES = 32_768;
const CONTEXT_BYTES = 1024;
/** Of 100. What the library gives for mere lack of evidence is 10. */
const LEAST_CONFIDENCE = 20;
const FALLBACK = "windows-1252";

/** WHATWG name. Browsers fall back to windows-1252 too. */
export function detectedEncoding(bytes: Uint8Array): string {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  const from = Math.max(0, first - CONTEXT_BYTES);
  const best = analyse(bytes.subarray(from, from + SAMPLE_BYTES)).find(({ name }) => !/^(?:UTF|ASCII)/.test(name));
  if (best === undefined || best.confidence < LEAST_CONFIDENCE) return FALLBACK;
  try {
    return new TextDecoder(best.name).encoding;
  } catch {
    return FALLBACK;
  }
}
