import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBuckets } from "#src/resilience/token-bucket.js";

function withClock(rate: number) {
  const clock = { ms: 0 };
  const buckets = new TokenBuckets(() => clock.ms);
  return { clock, take: (user: string, now = rate) => buckets.take(user, now) };
}

describe("the rate limit", () => {
  it("lets one second's worth of calls through at once, then says how long to wait", () => {
    const { take } = withClock(4);
    expect([1, 2, 3, 4].map(() => take("ann"))).toEqual([0, 0, 0, 0]);
    expect(take("ann")).toBe(250);
  });

  it("lets a call through after exactly the time it said", () => {
    const { clock, take } = withClock(4);
    for (let i = 0; i < 4; i++) take("ann");
    const wait = take("ann");
    clock.ms += wait - 1;
    expect(take("ann")).toBeGreaterThan(0);
    clock.ms += 1;
    expect(take("ann")).toBe(0);
    expect(take("ann")).toBeGreaterThan(0);
  });

  it("counts each user alone", () => {
    const { take } = withClock(1);
    expect(take("ann")).toBe(0);
    expect(take("ann")).toBe(1_000);
    expect(take("bob")).toBe(0);
  });

  it("saves up no more than one second's worth", () => {
    const { clock, take } = withClock(2);
    take("ann");
    clock.ms += 3_600_000;
    expect([1, 2, 3].map(() => take("ann") === 0)).toEqual([true, true, false]);
  });

  it("with less than one call a second still lets the first through", () => {
    const { clock, take } = withClock(0.1);
    expect(take("ann")).toBe(0);
    expect(take("ann")).toBe(10_000);
    clock.ms += 10_000;
    expect(take("ann")).toBe(0);
  });

  it("goes by the rate as it is at each call", () => {
    const { clock, take } = withClock(1);
    expect(take("ann")).toBe(0);
    expect(take("ann")).toBe(1_000);
    expect(take("ann", 10)).toBe(100);
    clock.ms += 100;
    expect(take("ann", 10)).toBe(0);
  });

  it("takes away what was saved up beyond a rate that was lowered", () => {
    const { take } = withClock(100);
    expect(take("ann")).toBe(0);
    expect([1, 2, 3].map(() => take("ann", 2))).toEqual([0, 0, 500]);
  });

  it("forgets the longest unused of more than 10,000 users, and only that one", () => {
    const { take } = withClock(1);
    take("first");
    take("second");
    for (let i = 0; i < 9_999; i++) take(`user ${i}`);
    expect(take("second")).toBeGreaterThan(0);
    expect(take("first")).toBe(0);
  });

  it("never lets more than rate × time + one second's worth through", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(400), { maxLength: 200 }), (rate, gaps) => {
        const { clock, take } = withClock(rate);
        let passed = 0;
        for (const gap of gaps) {
          clock.ms += gap;
          if (take("ann") === 0) passed++;
        }
        return passed <= rate + (clock.ms / 1000) * rate + 1e-6;
      }),
    );
  });
});
