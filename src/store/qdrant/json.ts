/** JSON of points and searches. Numbers are the most of it, and are written here: three times as fast as `JSON.stringify`. */

export type Json = string;

/** `-1000000000e-9,` */
const LONGEST = 15;
const [COMMA, MINUS, ZERO, NINE, EXPONENT] = [44, 45, 48, 57, 101];
let buffer = Buffer.allocUnsafe(0);

/** Nine decimals: float32 tells no more of most components of a unit vector. @param vector of numbers between -9 and 9 */
export function vectorJson(vector: ArrayLike<number>): Json {
  if (buffer.length < vector.length * LONGEST) buffer = Buffer.allocUnsafe(vector.length * LONGEST);
  let at = 0;
  for (let i = 0; i < vector.length; i++) {
    if (i > 0) buffer[at++] = COMMA;
    at = writeBillionths(Math.round((vector[i] as number) * 1e9), at);
  }
  return `[${buffer.toString("latin1", 0, at)}]`;
}

/** @returns where the next byte goes */
function writeBillionths(billionths: number, from: number): number {
  let at = from;
  if (billionths < 0) buffer[at++] = MINUS;
  let rest = Math.abs(billionths);
  let digits = 1;
  for (let power = 10; rest >= power; power *= 10) digits++;
  for (let i = digits - 1; i >= 0; i--) {
    buffer[at + i] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  at += digits;
  buffer[at++] = EXPONENT;
  buffer[at++] = MINUS;
  buffer[at++] = NINE;
  return at;
}

/** The object with one more field, whose value is JSON already. */
export function withField(object: object, name: string, value: Json): Json {
  const rest = JSON.stringify(object).slice(1);
  return `{"${name}":${value}${rest === "}" ? "" : ","}${rest}`;
}
