/** From a text's last hidden states to what late interaction keeps of them: one short vector for each term. */
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { packTokens } from "../core/token-vectors.js";
import { openSession } from "./run.js";
import type { TermGroups } from "./terms.js";

const INPUT = "terms";
const OUTPUT = "projected";

export class TokenProjection {
  readonly #session: InferenceSession;
  readonly #groups: TermGroups;

  private constructor(session: InferenceSession, groups: TermGroups) {
    this.#session = session;
    this.#groups = groups;
  }

  /** @param weights an ONNX matrix product, made by tools/token-projection */
  static async load(weights: Uint8Array, groups: TermGroups): Promise<TokenProjection> {
    return new TokenProjection(await openSession(weights, "cpu"), groups);
  }

  /** @param hidden `tokens × dimension`, row by row, of `ids` */
  async pack(ids: readonly number[], hidden: Float32Array): Promise<Uint8Array> {
    const dimension = hidden.length / ids.length;
    const groups = this.#groups.positions(ids);
    const terms = new Float32Array(groups.length * dimension);
    for (const [row, positions] of groups.entries()) {
      const sum = terms.subarray(row * dimension, (row + 1) * dimension);
      for (const position of positions) add(sum, hidden, position * dimension);
    }
    return this.#project(terms, groups.length, dimension);
  }

  /** Sums serve as means: only the direction is kept. */
  async #project(terms: Float32Array, rows: number, dimension: number): Promise<Uint8Array> {
    const input = new Tensor("float32", terms, [rows, dimension]);
    const output = (await this.#session.run({ [INPUT]: input }))[OUTPUT] as Tensor;
    const packed = packTokens(output.data as Float32Array, output.dims[1] as number);
    for (const used of [input, output]) used.dispose();
    return packed;
  }
}

function add(sum: Float32Array, values: Float32Array, from: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[from + i] as number);
}
