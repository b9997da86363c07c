import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestWindow, type TooLong } from "#src/inference/best-window.js";

const FILLER = 0;
const filler = (count: number) => new Array<number>(count).fill(FILLER);

const tooLong: fc.Arbitrary<TooLong> = fc
  .record({
    query: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 }),
    passage: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 2, maxLength: 120 }),
    lead: fc.nat(40),
    room: fc.integer({ min: 1, max: 119 }),
  })
  .map(({ passage, lead, room, query }) => ({
    query,
    passage,
    lead: Math.min(lead, passage.length),
    room: Math.min(room, passage.length - 1),
  }));

/** Written as the rule is said: each occurrence of a query's token weighs 1 / its occurrences behind the lead. */
function found(window: readonly number[], body: readonly number[], query: readonly number[]): number {
  const wanted = new Set(query);
  return window
    .filter((token) => wanted.has(token))
    .reduce((sum, token) => sum + 1 / body.filter((other) => other === token).length, 0);
}

describe("the window of a passage that is too long", () => {
  it("fills the room exactly with the lead and one run of the passage's tokens", () => {
    fc.assert(
      fc.property(tooLong, (ask) => {
        const window = bestWindow(ask);
        expect(window).toHaveLength(ask.room);
        const lead = ask.lead <= ask.room / 4 ? ask.lead : 0;
        expect(window.slice(0, lead)).toEqual(ask.passage.slice(0, lead));
        const rest = window.slice(lead).join(" ");
        expect(` ${ask.passage.slice(lead).join(" ")} `).toContain(` ${rest} `);
      }),
    );
  });

  it("holds as much of the query as any other window", () => {
    fc.assert(
      fc.property(tooLong, (ask) => {
        const lead = ask.lead <= ask.room / 4 ? ask.lead : 0;
        const [body, size] = [ask.passage.slice(lead), ask.room - lead];
        const starts = Array.from({ length: body.length - size + 1 }, (_, start) => start);
        const best = Math.max(...starts.map((start) => found(body.slice(start, start + size), body, ask.query)));
        expect(found(bestWindow(ask).slice(lead), body, ask.query)).toBeCloseTo(best, 4);
      }),
    );
  });

  it("is the passage's beginning when it has none of the query's tokens", () => {
    const passage = Array.from({ length: 50 }, (_, i) => 100 + i);
    expect(bestWindow({ query: [1, 2], passage, lead: 0, room: 10 })).toEqual(passage.slice(0, 10));
  });

  it("has text on both sides of what was found", () => {
    const passage = [...filler(40), 1, 2, ...filler(40)];
    const window = bestWindow({ query: [1, 2], passage, lead: 0, room: 12 });
    expect(window).toEqual([...filler(5), 1, 2, ...filler(5)]);
  });

  it("prefers one rare token of the query to many of a common one", () => {
    const common = Array.from({ length: 30 }, (_, i) => (i % 2 ? 1 : FILLER));
    const passage = [...common, ...filler(30), 2, ...filler(30)];
    expect(bestWindow({ query: [1, 2], passage, lead: 0, room: 10 })).toContain(2);
  });

  it("keeps a short first line, and drops one that would take the room of the text", () => {
    const body = [...filler(40), 9, ...filler(40)];
    const short = bestWindow({ query: [9], passage: [7, 8, ...body], lead: 2, room: 12 });
    expect([short.slice(0, 2), short.includes(9)]).toEqual([[7, 8], true]);
    const long = bestWindow({ query: [9], passage: [7, 7, 7, 7, ...body], lead: 4, room: 12 });
    expect([long.includes(7), long.includes(9)]).toEqual([false, true]);
  });
});
