import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinOverlapping } from "#src/api/retrieve/join.js";
import type { Passage } from "#src/app/app.js";

const TEXT = Array.from({ length: 60 }, (_, i) => `line ${i}\n`).join("");
const lineAt = (offset: number) => TEXT.slice(0, offset).split("\n").length;

function passage(id: string, start: number, end: number, document = "a"): Passage {
  const lines = { first: lineAt(start), last: lineAt(end - 1) };
  const record = { source: "files", document, hash: "h", chunker: "c", metadata: {} };
  const point = {
    id,
    ordinal: 0,
    text: TEXT.slice(start, end),
    start,
    end,
    lines,
    headings: [],
    embedText: "",
    record,
  };
  return { point, fused: 0.5, score: 0.5 } as Passage;
}

describe("passages that overlap", () => {
  it("stay apart where they are rows of a table, or would be too long together", () => {
    const row = (id: string, start: number) => {
      const { point, ...rest } = passage(id, start, start + 50);
      return { ...rest, point: { ...point, tableHeader: "a | b" } };
    };
    expect(joinOverlapping([row("a", 0), row("b", 40)])).toHaveLength(2);
    const long = (id: string, start: number) => {
      const { point, ...rest } = passage(id, 0, 10);
      return { ...rest, point: { ...point, start, end: start + 2_000 } };
    };
    expect(joinOverlapping([long("a", 0), long("b", 1_900)])).toHaveLength(2);
  });

  it("come as one, in the place and with the id of the better one", () => {
    const [first, second, ...more] = joinOverlapping([
      passage("b", 100, 200),
      passage("other", 100, 200, "b"),
      passage("a", 20, 110),
      passage("within", 120, 130),
      passage("apart", 210, 220),
    ]);
    expect(first?.point).toMatchObject({ id: "b", start: 20, end: 200, text: TEXT.slice(20, 200) });
    expect(first?.point.lines).toEqual({ first: lineAt(20), last: lineAt(199) });
    expect(second?.point.id).toBe("other");
    expect(more.map(({ point }) => point.id)).toEqual(["apart"]);
  });

  it("are exact slices of their text afterwards, at its lines", () => {
    const some = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 80 })), { maxLength: 8 });
    fc.assert(
      fc.property(some, (spans) => {
        const found = joinOverlapping(spans.map(([start, length], i) => passage(`${i}`, start, start + length)));
        for (const [i, { point }] of found.entries()) {
          for (const { point: other } of found.slice(i + 1)) {
            expect(point.start < other.end && other.start < point.end).toBe(false);
          }
          expect(point.text).toBe(TEXT.slice(point.start, point.end));
          expect(point.lines).toEqual({ first: lineAt(point.start), last: lineAt(point.end - 1) });
        }
      }),
    );
  });
});
