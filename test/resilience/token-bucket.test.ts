import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBuckets } from "#src/resilience/token-bucket.js";

function withClock(rate: number) {
  const clock = { ms: 0 };
  return { clock, buckets: new TokenBuckets(rate, () => clock.ms) };
}

describe("the rate limit", () => {
  it("lets one second's worth of calls through at once, then says how long to wait", () => {
    const { buckets } = withClock(4);
    expect([1, 2, 3, 4].map(() => buckets.take("ann"))).toEqual([0, 0, 0, 0]);
    expect(buckets.take("ann")).toBe(250);
  });

  it("lets a call through after exactly the time it said", () => {
    const { clock, buckets } = withClock(4);
    for (let i = 0; i < 4; i++) buckets.take("ann");
    const wait = buckets.take("ann");
    clock.ms += wait - 1;
    expect(buckets.take("ann")).toBeGreaterThan(0);
    clock.ms += 1;
    expect(buckets.take("ann")).toBe(0);
    expect(buckets.take("ann")).toBeGreaterThan(0);
  });

  it("counts each user alone", () => {
    const { buckets } = withClock(1);
    expect(buckets.take("ann")).toBe(0);
    expect(buckets.take("ann")).toBe(1_000);
    expect(buckets.take("bob")).toBe(0);
  });

  it("saves up no more than one second's worth", () => {
    const { clock, buckets } = withClock(2);
    buckets.take("ann");
    clock.ms += 3_600_000;
    expect([1, 2, 3].map(() => buckets.take("ann") === 0)).toEqual([true, true, false]);
  });

  it("with less than one call a second still lets the first through", () => {
    const { clock, buckets } = withClock(0.1);
    expect(buckets.take("ann")).toBe(0);
    expect(buckets.take("ann")).toBe(10_000);
    clock.ms += 10_000;
    expect(buckets.take("ann")).toBe(0);
  });

  it("forgets the longest unused of more than 10,000 users, and only that one", () => {
    const { buckets } = withClock(1);
    buckets.take("first");
    buckets.take("second");
    for (let i = 0; i < 9_999; i++) buckets.take(`user ${i}`);
    expect(buckets.take("second")).toBeGreaterThan(0);
    expect(buckets.take("first")).toBe(0);
  });

  it("never lets more than rate × time + one second's worth through", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(400), { maxLength: 200 }), (rate, gaps) => {
        const { clock, buckets } = withClock(rate);
        let passed = 0;
        for (const gap of gaps) {
          clock.ms += gap;
          if (buckets.take("ann") === 0) passed++;
        }
        return passed <= rate + (clock.ms / 1000) * rate + 1e-6;
      }),
    );
  });
});
