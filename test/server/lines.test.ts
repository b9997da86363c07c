import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lines } from "#src/server/lines.js";

describe("lines", () => {
  it("are the same however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), fc.array(fc.nat({ max: 20 })), (texts, cuts) => {
        const lines = texts.map((text) => text.toWellFormed().replaceAll("\n", ""));
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
        const splitter = new Lines();
        const found = [];
        let from = 0;
        for (const length of [...cuts, bytes.length]) {
          found.push(...splitter.push(bytes.subarray(from, from + length)));
          from += length;
        }
        expect(found).toEqual(lines.map((text) => ({ text })));
      }),
    );
  });

  it("of single bytes are put together", () => {
    const splitter = new Lines();
    const text = "é".repeat(10_000);
    for (const byte of Buffer.from(text)) splitter.push(Buffer.of(byte));
    expect(splitter.push(Buffer.from("\n"))).toEqual([{ text }]);
  });

  it("that are too long keep their ends, and the next one is whole", () => {
    const splitter = new Lines(10_000);
    expect(splitter.push(Buffer.from("start"))).toEqual([]);
    for (let piece = 0; piece < 50; piece++) expect(splitter.push(Buffer.alloc(1_000, "x"))).toEqual([]);
    const [long, next] = splitter.push(Buffer.from("end\nnext\n")) as [{ start: string; end: string }, object];
    expect(long.start).toMatch(/^startx+$/);
    expect(long.end).toMatch(/^x+end$/);
    expect(long.start.length + long.end.length).toBeLessThanOrEqual(2_048);
    expect(next).toEqual({ text: "next" });
  });

  it("may be as long as the limit", () => {
    const splitter = new Lines(10);
    expect(splitter.push(Buffer.from(`${"x".repeat(10)}\n`))).toEqual([{ text: "x".repeat(10) }]);
    expect(splitter.push(Buffer.from(`${"x".repeat(11)}\n`))).toEqual([{ start: "x".repeat(11), end: "x".repeat(11) }]);
  });
});
