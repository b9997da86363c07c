/** Linear time told from quadratic by the processor time of a short and a long input. */

/** How many times as long as the short input the long one has to be. */
export const LONGER = 8;
/**
 * Twice as long three times: each time at most three times the cost, where a quadratic reader takes four.
 * Twice only would not do: beside other work, collecting the garbage of a long input costs a linear reader nine times as much.
 */
const MOST_GROWTH = 3 * 3 * 3;
/** Below it, a collection of garbage counts more than what is measured. */
const MEASURABLE_MS = 4;
const TRIES = 8;

/** The least of several costs of both, where no try was linear; undefined: one was. */
export async function slowness<Input>(
  read: (input: Input) => Promise<unknown>,
  { short, long }: { readonly short: Input; readonly long: Input },
): Promise<string | undefined> {
  const cost = (input: Input) => processorMs(() => read(input));
  const least = { short: Number.POSITIVE_INFINITY, long: Number.POSITIVE_INFINITY };
  for (let i = 0; i < TRIES; i++) {
    least.short = Math.min(least.short, await cost(short));
    least.long = Math.min(least.long, await cost(long));
    if (least.long <= MOST_GROWTH * Math.max(least.short, MEASURABLE_MS)) return undefined;
  }
  return `${least.short} ms, ${least.long} ms for ${LONGER} times as much`;
}

/** A busy machine changes little of it. */
async function processorMs(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
