/** How sure a number is. Everything that is drawn comes from one seed, so that a run can be repeated. */

/** Resamples and permutations: the end of an interval wobbles by about a hundredth of its width. */
const DRAWS = 10_000;

export interface Estimate {
  readonly mean: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** Numbers of 0..1, the same for the same seed: mulberry32 by Tommy Ettinger, public domain. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Linear between the two nearest values. @param share 0..1 */
export function quantile(values: readonly number[], share: number): number {
  return quantileOfSorted(
    Float64Array.from(values).sort((a, b) => a - b),
    share,
  );
}

/**
 * The mean with its percentile bootstrap interval (Efron 1979): queries are drawn again and again, with replacement.
 * Given differences of pairs, it is the paired bootstrap.
 */
export function estimate(values: readonly number[], seed: number): Estimate {
  const random = randomFrom(seed);
  const means = new Float64Array(DRAWS);
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] as number;
    means[draw] = values.length === 0 ? 0 : sum / values.length;
  }
  means.sort();
  return { mean: mean(values), low: quantileOfSorted(means, 0.025), high: quantileOfSorted(means, 0.975) };
}

/**
 * Two-sided p-value of a mean difference, by Fisher's randomisation test as in Smucker et al. 2007: had the two rankings
 * nothing to do with it, each query's difference could as well have the other sign.
 */
export function randomisationP(differences: readonly number[], seed: number): number {
  const random = randomFrom(seed);
  const sum = (sign: () => number) => differences.reduce((total, difference) => total + sign() * difference, 0);
  // Sums of the same numbers in another order differ in their last bits: they count as equal.
  const observed = Math.abs(sum(() => 1)) - 1e-9;
  let asExtreme = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    if (Math.abs(sum(() => (random() < 0.5 ? -1 : 1))) >= observed) asExtreme++;
  }
  return (asExtreme + 1) / (DRAWS + 1);
}

function quantileOfSorted(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0;
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (above - below) * (at - Math.floor(at));
}
