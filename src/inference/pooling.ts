/** From token vectors to one sentence vector. */
import { normalize } from "../core/vector.js";

export type Pooling = "mean" | "cls";

/** One unit-length vector of `dimension`. @param hidden `tokens × dimension`, row by row */
export function pool(hidden: Float32Array, dimension: number, pooling: Pooling): Float32Array {
  return pooling === "mean" ? meanPool(hidden, dimension) : normalize(hidden.slice(0, dimension));
}

/**
 * Mean of the token vectors, scaled to unit length. Jobs are unpadded, so every token counts and there is no mask.
 * @param hidden `tokens × dimension`, row by row
 */
function meanPool(hidden: Float32Array, dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (let i = 0; i < hidden.length; i += dimension) {
    for (let j = 0; j < dimension; j++) sum[j] = (sum[j] as number) + (hidden[i + j] as number);
  }
  return normalize(sum);
}
