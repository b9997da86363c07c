import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diversify } from "#src/retrieve/ranking/diversify.js";
import type { Scored } from "#src/retrieve/ranking/fuse.js";

let next = 0;
const chunk = (document: string, textHash: string, source = "files"): Scored => {
  const id = String(next++);
  return { candidate: { id, source, document, ordinal: next, textHash, scores: [] }, fused: 0.5 };
};
const names = (list: readonly Scored[]) => list.map(({ candidate }) => `${candidate.document}:${candidate.textHash}`);

describe("diversify", () => {
  it("gives other documents their turn after three chunks of one", () => {
    const ranked = [chunk("a", "1"), chunk("a", "2"), chunk("a", "3"), chunk("a", "4"), chunk("b", "5")];
    expect(names(diversify(ranked, 4))).toEqual(["a:1", "a:2", "a:3", "b:5"]);
  });

  it("brings what was held back when places are left", () => {
    const ranked = [chunk("a", "1"), chunk("a", "2"), chunk("a", "3"), chunk("a", "4"), chunk("b", "5")];
    expect(names(diversify(ranked, 10))).toEqual(["a:1", "a:2", "a:3", "b:5", "a:4"]);
  });

  it("drops a passage that the same document repeats", () => {
    expect(names(diversify([chunk("a", "x"), chunk("a", "x"), chunk("a", "y")], 10))).toEqual(["a:x", "a:y"]);
  });

  it("holds back a copy of a passage in another document", () => {
    expect(names(diversify([chunk("a", "x"), chunk("b", "x"), chunk("c", "y")], 10))).toEqual(["a:x", "c:y", "b:x"]);
  });

  it("tells documents of one name apart by their source", () => {
    const ranked = [..."123"]
      .map((hash) => chunk("a", hash, "one"))
      .concat([..."456"].map((hash) => chunk("a", hash, "two")));
    expect(names(diversify(ranked, 6))).toEqual(["a:1", "a:2", "a:3", "a:4", "a:5", "a:6"]);
  });

  it("brings as many as asked for, when there are so many different passages, and each at most once", () => {
    const ranked = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 9 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(ranked, fc.integer({ min: 1, max: 20 }), (list, limit) => {
        const kept = diversify(
          list.map(([document, hash]) => chunk(document, String(hash))),
          limit,
        );
        const distinct = new Set(list.map(([document, hash]) => `${document}:${hash}`));
        expect(kept).toHaveLength(Math.min(limit, distinct.size));
        expect(new Set(names(kept)).size).toBe(kept.length);
      }),
    );
  });

  it("keeps the order of what it puts first", () => {
    const ranked = Array.from({ length: 20 }, (_, i) => chunk(`d${i % 7}`, `t${i}`));
    const kept = diversify(ranked, 20)
      .slice(0, 15)
      .map(({ candidate }) => Number(candidate.id));
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  });

  it("gives back the same when its result goes in again, with a smaller limit too", () => {
    const ranked = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 9 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(ranked, fc.nat(20), fc.nat(20), (list, pool, limit) => {
        const chunks = list.map(([document, hash]) => chunk(document, String(hash)));
        const wide = diversify(chunks, pool + limit);
        expect(diversify(wide, limit)).toEqual(diversify(chunks, limit));
      }),
    );
  });

  it("brings a hundred passages as well as ten", () => {
    const ranked = Array.from({ length: 300 }, (_, i) => chunk(`d${i % 60}`, `t${i}`));
    const kept = diversify(ranked, 100);
    expect(kept).toHaveLength(100);
    expect(kept.slice(0, 10)).toEqual(diversify(ranked, 10));
  });
});
