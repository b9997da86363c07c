/** UTF-16 by its byte-order mark, or by where its NUL bytes stand. */
import { TextDecoder } from "node:util";

export type Utf16 = "utf-16le" | "utf-16be";

/** Bytes that are looked at where there is no mark. */
const SAMPLE_BYTES = 65_536;
/** Of the pairs of a text with Latin letters, digits or blank space; other bytes are hardly ever NUL. */
const LEAST_SHARE = 0.2;
const MOST_OTHERS = 0.01;

export function utf16Encoding(bytes: Uint8Array): Utf16 | undefined {
  return markOf(bytes) ?? byZeros(bytes.subarray(0, SAMPLE_BYTES));
}

function markOf(bytes: Uint8Array): Utf16 | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

/** Bytes of a UTF-16 file that has a mark as UTF-8, all others as they are. */
export async function* asUtf8(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (const chunk of stream) {
    const encoding = isFirst ? markOf(chunk) : undefined;
    if (encoding !== undefined) decoder = new TextDecoder(encoding);
    isFirst = false;
    yield decoder === undefined ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }));
  }
}

function byZeros(sample: Uint8Array): Utf16 | undefined {
  const pairs = Math.floor(sample.length / 2);
  if (pairs < 2) return undefined;
  const zeros: [number, number] = [0, 0];
  for (let at = 0; at < pairs * 2; at++) if (sample[at] === 0) zeros[(at % 2) as 0 | 1]++;
  const [first, second] = zeros.map((each) => each / pairs) as [number, number];
  if (second >= LEAST_SHARE && first <= MOST_OTHERS) return "utf-16le";
  return first >= LEAST_SHARE && second <= MOST_OTHERS ? "utf-16be" : undefined;
}
