/** Timing that survives a shared machine: what is compared alternates, and medians of rounds are what counts. */
import { availableParallelism, cpus, freemem, loadavg } from "node:os";

/** One line of the report: what was measured, against what, and the ratio that must hold. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly floor: number;
  readonly unit: string;
  /** What the floor is made of, in words. */
  readonly floorIs: string;
  /** `value ≤ factor × floor`, or `value ≥ factor × floor`. */
  readonly bar: { readonly sign: "≤" | "≥"; readonly factor: number };
  readonly note?: string;
}

/** A measure that cannot be taken here, and why. */
export interface NotMeasured {
  readonly name: string;
  readonly notMeasured: string;
}

export function isMet({ value, floor, bar }: Result): boolean {
  return bar.sign === "≤" ? value <= bar.factor * floor : value >= bar.factor * floor;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Milliseconds that `run` takes. */
export async function timed(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** `calls` calls by `callers` at a time, each caller one after the other. */
export async function concurrently(
  callers: number,
  calls: number,
  run: (call: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < calls) await run(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

type Subjects<Name extends string> = Readonly<Record<Name, (iteration: number) => Promise<number>>>;

/**
 * Calls each subject in turn, `iterations` times in each of `rounds`; a subject returns its own measurement. The result
 * is the median over the rounds of each round's `summary`. The first round warms up and is dropped. Who goes first
 * changes with every turn: the second to ask a server the same finds it warm.
 */
export async function alternate<Name extends string>(
  subjects: Subjects<Name>,
  { rounds, iterations, summary = median }: { rounds: number; iterations: number; summary?: typeof median },
): Promise<Record<Name, number>> {
  const names = Object.keys(subjects) as Name[];
  const perRound = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -1; round < rounds; round++) {
    const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
    for (let i = 0; i < iterations; i++) {
      const first = (round + 1 + i) % names.length;
      const turn = [...names.slice(first), ...names.slice(0, first)];
      for (const name of turn) values[name].push(await subjects[name]((round + 1) * iterations + i));
    }
    if (round >= 0) for (const name of names) perRound[name].push(summary(values[name]));
  }
  return Object.fromEntries(names.map((name) => [name, median(perRound[name])])) as Record<Name, number>;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly load: readonly number[];
  readonly freeGb: number;
  readonly node: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load: loadavg().map((value) => Number(value.toFixed(2))),
    freeGb: Math.round(freemem() / 1e9),
    node: process.version,
  };
}
