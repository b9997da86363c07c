/** The measure itself: what is quadratic is found out, what is linear is not. */
import { expect, it } from "vitest";
import { LONGER, slowness } from "./linear.js";

const SHORT = 3_000;
const inputs = { short: SHORT, long: SHORT * LONGER };

/** So many steps that an optimiser cannot leave out. */
function walk(steps: number): number {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum = (sum + Math.imul(i, sum ^ i)) | 0;
  return sum;
}

it("a quadratic reader is found out", { timeout: 60_000 }, async () => {
  expect(await slowness(async (length) => walk(length * length), inputs)).toMatch(/for 8 times as much/);
});

it("a linear one that costs as much is not", { timeout: 60_000 }, async () => {
  expect(await slowness(async (length) => walk(length * SHORT), inputs)).toBeUndefined();
});
