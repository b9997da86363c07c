/** Arithmetic on embeddings. */

/** Scales to unit length in place. @throws RangeError for a zero or non-finite vector. */
export function normalize(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const norm = Math.sqrt(sum);
  if (!(norm > 0) || !Number.isFinite(norm)) throw new RangeError(`cannot normalise a vector of norm ${norm}`);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / norm;
  return vector;
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Whether it has no direction, as that of a text has that the model does not read. */
export function isZero(vector: Float32Array): boolean {
  return vector.every((value) => value === 0);
}

/** What is wrong with a vector for a collection of `dimension`, or undefined when it may be written. */
export function vectorProblem(vector: Float32Array, dimension: number): string | undefined {
  if (vector.length !== dimension) return `has ${vector.length} dimensions, the collection ${dimension}`;
  const norm = Math.sqrt(dot(vector, vector));
  if (!Number.isFinite(norm)) return "holds a value that is not finite";
  if (norm !== 0 && Math.abs(norm - 1) > 1e-3) return `has length ${norm.toFixed(4)}, not 1`;
  return undefined;
}
