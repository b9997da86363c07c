/** The leading eigenvectors of a symmetric matrix, by orthogonal iteration (Golub & Van Loan, "Matrix Computations", 8.2.4). */

const ROUNDS = 300;

/** @param matrix `size × size`; @returns `size × count`, columns orthonormal, the largest eigenvalue's first */
export function principalDirections(matrix: Float64Array, size: number, count: number): Float32Array {
  let columns: Float64Array[] = Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: size }, (_, i) => Math.cos(i * (c + 1) + c)),
  );
  for (let round = 0; round < ROUNDS; round++) {
    columns = orthonormal(columns.map((column) => product(matrix, column, size)));
  }
  const result = new Float32Array(size * count);
  for (const [c, column] of columns.entries())
    for (let i = 0; i < size; i++) result[i * count + c] = column[i] as number;
  return result;
}

function product(matrix: Float64Array, column: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, row) => dot(matrix.subarray(row * size, (row + 1) * size), column));
}

/** Modified Gram-Schmidt. */
function orthonormal(columns: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const column of columns) {
    for (const earlier of done) {
      const share = dot(earlier, column);
      for (let i = 0; i < column.length; i++) column[i] = (column[i] as number) - share * (earlier[i] as number);
    }
    const length = Math.sqrt(dot(column, column));
    done.push(column.map((value) => value / length));
  }
  return done;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
