/** Bulkhead, breaker and guard: order, limits, and what each kind of failure does to the next caller. */
import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AppError, toAppError } from "#src/core/errors.js";
import { Breaker } from "#src/resilience/breaker.js";
import { Bulkhead } from "#src/resilience/bulkhead.js";
import { Guard, type GuardOptions, type Verdict } from "#src/resilience/guard.js";

const live = new AbortController().signal;
setMaxListeners(0, live);
const down = new AppError("store_down", "refused", { remedy: "start it" });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => toAppError(error).code,
  );

describe("slots of a bulkhead", () => {
  it("are handed out in the order of asking, never more than there are", async () => {
    const slots = new Bulkhead(2);
    const order: number[] = [];
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const giveBack = await slots.take(live);
        order.push(i);
        most = Math.max(most, slots.active);
        await wait(1);
        giveBack();
      }),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(most).toBe(2);
    expect([slots.active, slots.waiting]).toEqual([0, 0]);
  });

  it("go to those who go on with something before those who have yet to begin", async () => {
    const slots = new Bulkhead(1);
    const giveBack = await slots.take(live);
    const order: string[] = [];
    const taking = [
      ["new 1", false],
      ["on 1", true],
      ["new 2", false],
      ["on 2", true],
    ] as const;
    const done = taking.map(async ([name, goesOn]) => {
      const give = await slots.take(live, goesOn);
      order.push(name);
      give();
    });
    expect(slots.waiting).toBe(4);
    giveBack();
    await Promise.all(done);
    expect(order).toEqual(["on 1", "on 2", "new 1", "new 2"]);
    expect([slots.active, slots.waiting]).toEqual([0, 0]);
  });

  it("are refused to both kinds", async () => {
    const slots = new Bulkhead(1);
    await slots.take(live);
    const waiting = [codeOf(slots.take(live)), codeOf(slots.take(live, true))];
    slots.refuseWaiting(new AppError("store_down", "closed", { remedy: "" }));
    expect(await Promise.all(waiting)).toEqual(["store_down", "store_down"]);
    expect(slots.waiting).toBe(0);
  });

  it("are not lost by those who leave the queue", async () => {
    const slots = new Bulkhead(1);
    const giveBack = await slots.take(live);
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    const leaving = Array.from({ length: 1_000 }, () => codeOf(slots.take(abort.signal)));
    const staying = slots.take(live);
    expect(slots.waiting).toBe(1_001);
    abort.abort();
    expect(new Set(await Promise.all(leaving))).toEqual(new Set(["cancelled"]));
    expect(slots.waiting).toBe(1);
    giveBack();
    (await staying)();
    expect([slots.active, slots.waiting]).toEqual([0, 0]);
  });
});

describe("a breaker", () => {
  function breaker(threshold = 3) {
    let now = 0;
    const states: string[] = [];
    const made = new Breaker({
      name: "Qdrant",
      refusal: "store_down",
      threshold,
      resetMs: 1_000,
      now: () => now,
      onChange: (state) => states.push(state),
    });
    return { breaker: made, states, pass: (ms: number) => (now += ms) };
  }

  it("opens after so many failures in a row, and a success between them starts the count again", () => {
    const { breaker: own } = breaker();
    for (const outcome of ["failed", "failed", "succeeded", "failed", "failed"] as const) own.enter()[outcome]();
    expect(own.state).toBe("closed");
    own.enter().failed();
    expect(own.state).toBe("open");
    expect(() => own.enter()).toThrow(/next try is in 1.0 s/);
    expect(own.refusal()).toMatchObject({ code: "store_down", retryAfterMs: 1_000 });
  });

  it("lets one call try after its time, and closes or opens by its outcome", () => {
    const { breaker: own, states, pass } = breaker(1);
    own.enter().failed();
    pass(1_000);
    expect(own.state).toBe("half-open");
    const probe = own.enter();
    expect(() => own.enter()).toThrow(/one try is under way/);
    probe.failed();
    expect(own.state).toBe("open");
    pass(1_000);
    own.enter().leave(); // cancelled: the next one tries
    own.enter().succeeded();
    expect(own.state).toBe("closed");
    expect(states).toEqual(["open", "open", "closed"]);
  });

  it("is not closed by a call that began before it opened", () => {
    const { breaker: own } = breaker(1);
    const early = own.enter();
    own.enter().failed();
    early.succeeded();
    expect(own.state).toBe("open");
  });
});

describe("a guarded call", () => {
  const later: Verdict = { error: down, retry: "later", counts: true };
  function guard(options: Partial<GuardOptions> = {}) {
    const seen = { retries: 0, states: [] as string[] };
    const made = new Guard({
      name: "Qdrant",
      refusal: "store_down",
      poolSize: 2,
      timeoutMs: 1_000,
      timeoutRemedy: "wait longer",
      maxRetries: 3,
      retryDelayMs: 4,
      failureThreshold: 100,
      resetMs: 60_000,
      classify: () => later,
      onRetry: () => seen.retries++,
      onBreaker: (state) => seen.states.push(state),
      ...options,
    });
    return { guard: made, seen };
  }
  const failing = (times: number, then = "value") => {
    let calls = 0;
    return Object.assign(
      async () => {
        if (calls++ < times) throw new Error("no");
        return then;
      },
      { calls: () => calls },
    );
  };

  it("is repeated with growing waits until it works, or the retries are used up", async () => {
    const { guard: own, seen } = guard();
    expect(await own.run(failing(3))).toBe("value");
    expect(seen.retries).toBe(3);
    const always = failing(9);
    await expect(own.run(always)).rejects.toBe(down);
    expect(always.calls()).toBe(4);
  });

  it("is not repeated when it must not be, or when its kind of failure would stay", async () => {
    const once = failing(9);
    await expect(guard().guard.run(once, { retry: false })).rejects.toBe(down);
    expect(once.calls()).toBe(1);
    const error = new AppError("bad_request", "no", { remedy: "none" });
    const { guard: own } = guard({ classify: () => ({ error, retry: "no", counts: false }) });
    const bad = failing(9);
    await expect(own.run(bad)).rejects.toBe(error);
    expect(bad.calls()).toBe(1);
  });

  it("waits as long as the server says, and not at all when that is beyond its time", async () => {
    const verdict = (afterMs: number): Verdict => ({ error: down, retry: "later", afterMs, counts: false });
    const started = performance.now();
    await guard({ classify: () => verdict(60) }).guard.run(failing(1));
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
    const beyond = failing(1);
    await expect(guard({ classify: () => verdict(30_000) }).guard.run(beyond)).rejects.toBe(down);
    expect(beyond.calls()).toBe(1);
  });

  it("has one time limit for waiting, attempts and back-off together", async () => {
    const { guard: own } = guard({ poolSize: 1, timeoutMs: 60, retryDelayMs: 50, random: () => 0.99 });
    expect(await codeOf(own.run((signal) => wait(10_000, "never", { signal })))).toBe("timeout");
    const holder = own.run(() => wait(200, "done"));
    expect(await codeOf(own.run(async () => "never"))).toBe("timeout");
    expect(await holder).toBe("done");
    const patient = failing(9);
    await expect(own.run(patient)).rejects.toBe(down);
    expect(patient.calls()).toBe(2); // the second back-off would end after the limit
    expect(own.status).toMatchObject({ active: 0, waiting: 0 });
  });

  it("hears its caller while it is queued, in flight and in a back-off", async () => {
    const { guard: own } = guard({ poolSize: 1, retryDelayMs: 10_000, random: () => 0.9, timeoutMs: 60_000 });
    const abort = new AbortController();
    const { signal } = abort;
    const inFlight = own.run((inner) => wait(10_000, "never", { signal: inner }), { signal });
    const queued = own.run(async () => "never", { signal });
    const other = guard({ retryDelayMs: 10_000, random: () => 0.9, timeoutMs: 60_000 });
    const backingOff = other.guard.run(failing(1), { signal });
    await wait(10);
    expect(other.seen.retries).toBe(1);
    abort.abort();
    expect(await Promise.all([inFlight, queued, backingOff].map(codeOf))).toEqual(Array(3).fill("cancelled"));
    expect(own.status).toMatchObject({ active: 0, waiting: 0, breaker: "closed" });
  });

  it("is refused at once while the breaker is open, those who wait included", async () => {
    const { guard: own, seen } = guard({ poolSize: 1, failureThreshold: 2, maxRetries: 0 });
    await codeOf(own.run(failing(1)));
    const slow = own.run(async () => {
      await wait(20);
      throw new Error("no");
    });
    const queued = Array.from({ length: 10 }, () => codeOf(own.run(async () => "never")));
    expect(await codeOf(slow)).toBe("store_down");
    expect(new Set(await Promise.all(queued))).toEqual(new Set(["store_down"]));
    expect(seen.states).toEqual(["open"]);
    const untouched = failing(0);
    await expect(own.run(untouched)).rejects.toMatchObject({ code: "store_down", retryAfterMs: expect.any(Number) });
    expect(untouched.calls()).toBe(0);
  });

  it("opens the breaker by failures of the server only", async () => {
    const { guard: own } = guard({
      failureThreshold: 2,
      maxRetries: 0,
      classify: () => ({ error: down, retry: "no", counts: false }),
    });
    for (let i = 0; i < 10; i++) await codeOf(own.run(failing(1)));
    expect(own.status.breaker).toBe("closed");
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    const cancelled = Array.from({ length: 10 }, () =>
      codeOf(own.run((inner) => wait(10_000, "", { signal: inner }), { signal: abort.signal })),
    );
    abort.abort();
    await Promise.all(cancelled);
    expect(own.status.breaker).toBe("closed");
  });

  it("leaves no listener on its caller's signal", async () => {
    const { guard: own } = guard();
    const counted = new AbortController().signal;
    let listeners = 0;
    const [add, remove] = [counted.addEventListener.bind(counted), counted.removeEventListener.bind(counted)];
    counted.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    }) as typeof add;
    counted.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    }) as typeof remove;
    for (let i = 0; i < 100; i++) await own.run(async () => i, { signal: counted });
    expect(listeners).toBe(0);
  });
});
