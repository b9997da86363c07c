/**
 * A text's words, and the pieces of rare ones, as vectors for late interaction, packed: 4 bits a component, direction
 * only. What comes twice is kept once. Bytes: version, dimension, then `dimension / 2` for each. Measured against whole
 * token vectors in docs/tuning.md.
 */

/** Changes with the projection, the grouping of tokens or the packing: vectors of two versions are not comparable. */
const VERSION = 2;
const HEADER_BYTES = 2;
/** Components are scaled to -7..7 and stored with 8 added. */
const LEVELS = 7;
const ZERO = 8;

/** @param vectors `words × dimension`, row by row, of any length; @param dimension even, at most 255 */
export function packTokens(vectors: Float32Array, dimension: number): Uint8Array {
  const packed = new Uint8Array(HEADER_BYTES + vectors.length / 2);
  packed[0] = VERSION;
  packed[1] = dimension;
  for (let row = 0; row < vectors.length; row += dimension) {
    const scale = LEVELS / largest(vectors, row, dimension);
    for (let i = row; i < row + dimension; i += 2) {
      const low = Math.round((vectors[i] as number) * scale) + ZERO;
      const high = Math.round((vectors[i + 1] as number) * scale) + ZERO;
      packed[HEADER_BYTES + i / 2] = low | (high << 4);
    }
  }
  return packed;
}

/** Whether `unpackTokens` reads it. */
export function areCurrentTokens(packed: Uint8Array): boolean {
  return packed[0] === VERSION;
}

/** Unit-length rows, `words × dimension`; pieces of rare words count as words. */
export interface TokenVectors {
  readonly dimension: number;
  readonly words: number;
  readonly values: Float32Array;
}

/** undefined for what another version packed, or what is no such thing. */
export function unpackTokens(packed: Uint8Array): TokenVectors | undefined {
  const [version, dimension = 0] = packed;
  const components = (packed.length - HEADER_BYTES) * 2;
  if (version !== VERSION || dimension === 0 || components % dimension !== 0) return undefined;
  const values = new Float32Array(components);
  for (let row = 0; row < components; row += dimension) {
    let squares = 0;
    for (let i = row; i < row + dimension; i += 2) {
      const byte = packed[HEADER_BYTES + i / 2] as number;
      const low = (byte & 15) - ZERO;
      const high = (byte >> 4) - ZERO;
      squares += low * low + high * high;
      values[i] = low;
      values[i + 1] = high;
    }
    const length = Math.sqrt(squares) || 1;
    for (let i = row; i < row + dimension; i++) values[i] = (values[i] as number) / length;
  }
  return { dimension, words: components / dimension, values };
}

/** Of the absolute components; 1 when all are 0. */
function largest(vectors: Float32Array, from: number, count: number): number {
  let most = 0;
  for (let i = from; i < from + count; i++) most = Math.max(most, Math.abs(vectors[i] as number));
  return most || 1;
}
