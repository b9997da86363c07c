/** One loaded embedding model: token ids in, unit-length vector out. */
import type { InferenceSession } from "onnxruntime-node";
import type { Embedding } from "../core/types.js";
import { type Pooling, pool } from "./pooling.js";
import { type Device, openSession, runOne } from "./run.js";
import type { TokenProjection } from "./token-projection.js";

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
    return new EmbeddingSession(await openSession(weights, device), dimension, pooling);
  }

  async embed(ids: readonly number[]): Promise<Float32Array> {
    return pool(await this.#hidden(ids), this.#dimension, this.#pooling);
  }

  async embedTokens(ids: readonly number[], projection: TokenProjection): Promise<Required<Embedding>> {
    const hidden = await this.#hidden(ids);
    return { vector: pool(hidden, this.#dimension, this.#pooling), tokens: await projection.pack(ids, hidden) };
  }

  #hidden(ids: readonly number[]): Promise<Float32Array> {
    return runOne(this.#session, "last_hidden_state", ids);
  }
}
