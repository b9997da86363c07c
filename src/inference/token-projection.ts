/** Projection of a text's last hidden states to one short vector for each term, for late interaction. */

import { packTokens } from "../core/token-vectors.js";
import { type InferenceSession, Tensor } from "./onnxruntime.js";
import { openSession } from "./run.js";
import type { Terms } from "./terms.js";

const INPUT = "terms";
const OUTPUT = "projected";

export class TokenProjection {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @param weights an ONNX matrix product, made by tools/token-projection */
  static async load(weights: Uint8Array): Promise<TokenProjection> {
    return new TokenProjection(await openSession(weights, "cpu"));
  }

  /** @param hidden `tokens × dimension`, row by row */
  async pack(terms: Terms, hidden: Float32Array, dimension: number): Promise<Uint8Array> {
    const input = new Tensor("float32", sumsOf(terms, hidden, dimension), [terms.length, dimension]);
    const output = (await this.#session.run({ [INPUT]: input }))[OUTPUT] as Tensor;
    const packed = packTokens(output.data as Float32Array, output.dims[1] as number);
    for (const used of [input, output]) used.dispose();
    return packed;
  }
}

/** `terms × dimension`. Sums serve as means: only the direction is kept. */
function sumsOf(terms: Terms, hidden: Float32Array, dimension: number): Float32Array {
  const sums = new Float32Array(terms.length * dimension);
  for (const [row, [first, ...others]] of terms.entries()) {
    const to = row * dimension;
    sums.set(hidden.subarray(first * dimension, (first + 1) * dimension), to);
    for (const position of others) {
      const from = position * dimension;
      for (let i = 0; i < dimension; i++) sums[to + i] = (sums[to + i] as number) + (hidden[from + i] as number);
    }
  }
  return sums;
}
