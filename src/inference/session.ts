/** One loaded embedding model: token ids in, unit-length vector out. */

import { AppError } from "../core/errors.js";
import type { Device } from "../core/profile.js";
import type { Embedding } from "../core/types.js";
import type { InferenceSession } from "./onnxruntime.js";
import { type Pooling, pool } from "./pooling.js";
import { openSession, runOne } from "./run.js";
import type { Terms } from "./terms.js";
import type { TokenProjection } from "./token-projection.js";

/**
 * On a CPU the fused operator is one scalar loop: without it a passage takes 13 % less time, and its vector is as near to
 * that of the model before it was quantised (0.9934, docs/decisions.md).
 */
export const SLOW_ON_CPU = "SkipLayerNormFusion";

export class EmbeddingSession {
  readonly #session: InferenceSession;
  readonly #dimension: number;
  readonly #pooling: Pooling;

  private constructor(session: InferenceSession, dimension: number, pooling: Pooling) {
    this.#session = session;
    this.#dimension = dimension;
    this.#pooling = pooling;
  }

  /** @throws AppError `model_failed` when the model's vectors are not of `dimension`: a manifest is written by hand */
  static async load(
    weights: Uint8Array,
    device: Device,
    dimension: number,
    pooling: Pooling,
  ): Promise<EmbeddingSession> {
    const session = await openSession(weights, device, device === "cpu" ? SLOW_ON_CPU : "");
    const model = new EmbeddingSession(session, dimension, pooling);
    await model.#assertDimension();
    return model;
  }

  async embed(ids: readonly number[]): Promise<Float32Array> {
    return pool(await this.#hidden(ids), this.#dimension, this.#pooling);
  }

  async embedTokens(ids: readonly number[], terms: Terms, projection: TokenProjection): Promise<Required<Embedding>> {
    const hidden = await this.#hidden(ids);
    const vector = pool(hidden, this.#dimension, this.#pooling);
    return { vector, tokens: await projection.pack(terms, hidden, this.#dimension) };
  }

  /** By a run of one token: what a file declares of its output may leave the dimension open. */
  async #assertDimension(): Promise<void> {
    const { length } = await this.#hidden([0]);
    if (length === this.#dimension) return;
    const message = `The model's vectors have dimension ${length}, its manifest aura-model.json says ${this.#dimension}.`;
    throw new AppError("model_failed", message, { remedy: `Write "dimension": ${length} into aura-model.json.` });
  }

  #hidden(ids: readonly number[]): Promise<Float32Array> {
    return runOne(this.#session, "last_hidden_state", ids);
  }
}
