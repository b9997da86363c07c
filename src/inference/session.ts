/** One loaded embedding model: token ids in, unit-length vector out. */

import type { Embedding } from "../core/types.js";
import type { InferenceSession } from "./onnxruntime.js";
import { type Pooling, pool } from "./pooling.js";
import { type Device, openSession, runOne } from "./run.js";
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

  static async load(
    weights: Uint8Array,
    device: Device,
    dimension: number,
    pooling: Pooling,
  ): Promise<EmbeddingSession> {
    const session = await openSession(weights, device, device === "cpu" ? SLOW_ON_CPU : "");
    return new EmbeddingSession(session, dimension, pooling);
  }

  async embed(ids: readonly number[]): Promise<Float32Array> {
    return pool(await this.#hidden(ids), this.#dimension, this.#pooling);
  }

  async embedTokens(ids: readonly number[], terms: Terms, projection: TokenProjection): Promise<Required<Embedding>> {
    const hidden = await this.#hidden(ids);
    const vector = pool(hidden, this.#dimension, this.#pooling);
    return { vector, tokens: await projection.pack(terms, hidden, this.#dimension) };
  }

  #hidden(ids: readonly number[]): Promise<Float32Array> {
    return runOne(this.#session, "last_hidden_state", ids);
  }
}
