/** What every part does for a call that ends: it rejects at once with the reason, and stops the work. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Call } from "#src/core/call.js";
import { abortedCall, testCall } from "../support/call.js";

export type Ask = (call: Call) => Promise<unknown>;

/** Whoever does the work. */
export interface Worker {
  /** The work stands still, until what is returned is called. Absent where it cannot be made to. */
  readonly stall?: (() => () => void) | undefined;
  /** Processor time of the work so far, in milliseconds. */
  readonly workedMs: () => number;
}

/** How long a rejection may take; the work itself could never end. */
const PROMPTLY_MS = 1_000;
/** Long enough for messages to be on their way. */
const UNDER_WAY_MS = 30;
/** Less than this cannot be told from noise. */
const WORTH_MEASURING_MS = 100;

/** @param ask a method that waits for something */
export function rejectsWhenAborted(method: string, ask: Ask): void {
  it(`${method} of a call that is aborted already rejects`, async () => {
    await expect(ask(abortedCall())).rejects.toMatchObject({ code: "cancelled" });
  });
}

/** @param ask a method that waits for the worker */
export function rejectsAtOnce(method: string, worker: () => Worker, ask: Ask): void {
  it.each(["cancelled", "timeout"] as const)(
    `${method} of a call that ends while it waits rejects: %s`,
    async (code) => {
      const goOn = worker().stall?.();
      if (goOn === undefined) return;
      try {
        const caller = new AbortController();
        const call = testCall({ signal: caller.signal, timeoutMs: code === "timeout" ? UNDER_WAY_MS : undefined });
        const asked = expect(ask(call)).rejects.toMatchObject({ code });
        await wait(UNDER_WAY_MS);
        const ended = performance.now();
        if (code === "cancelled") caller.abort();
        await asked;
        expect(performance.now() - ended).toBeLessThan(PROMPTLY_MS);
      } finally {
        goOn();
      }
    },
  );
}

/**
 * @param prepare makes a call of a method that is much work, another one each time, so that nothing is remembered
 * @param after a little work, which comes after what was sent before it
 */
export function stopsTheWork(method: string, worker: () => Worker, prepare: () => Ask, after: Ask): void {
  it(`${method} of a call that ends leaves no work behind`, async () => {
    const { stall, workedMs } = worker();
    const measured = async (work: () => Promise<unknown>) => {
      const before = workedMs();
      await work();
      return workedMs() - before;
    };
    const [first, second] = [prepare(), prepare()];
    const whole = await measured(() => first(testCall()));
    expect(whole, "this is too little work to be measured").toBeGreaterThan(WORTH_MEASURING_MS);
    const left = await measured(async () => {
      const caller = new AbortController();
      const goOn = stall?.();
      const asked = expect(second(testCall({ signal: caller.signal }))).rejects.toMatchObject({ code: "cancelled" });
      await (goOn === undefined ? new Promise(setImmediate) : wait(UNDER_WAY_MS));
      caller.abort();
      await asked;
      goOn?.();
      await after(testCall());
      await wait(whole / 2);
    });
    expect(left).toBeLessThan(whole / 3);
  });
}

/** Processor time of processes in milliseconds, to the clock's tick of ten. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) * 10;
  }, 0);
}

/** Stops processes, until what is returned is called. */
export function stopped(pids: readonly number[]): () => void {
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  return () => {
    for (const pid of pids) process.kill(pid, "SIGCONT");
  };
}

/** A worker that runs in the test's own process. */
export const here: Worker = {
  workedMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};

let made = 0;
/** Texts with words that never occur twice. */
export function freshTexts(count: number, words: number): string[] {
  return Array.from({ length: count }, () =>
    Array.from({ length: words }, () => `word${(made++ * 2_654_435_761) % 4_294_967_296}`).join(" "),
  );
}
