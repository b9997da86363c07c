/** From token vectors to one sentence vector. */
import { normalize } from "../core/vector.js";

/**
 * Mean of the token vectors, scaled to unit length. Jobs are unpadded, so every token counts and there is no mask.
 * @param hidden `tokens × dimension`, row by row
 */
export function meanPool(hidden: Float32Array, dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (let i = 0; i < hidden.length; i += dimension) {
    for (let j = 0; j < dimension; j++) sum[j] = (sum[j] as number) + (hidden[i + j] as number);
  }
  return normalize(sum);
}
