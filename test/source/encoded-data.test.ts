import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutEncodedData } from "#src/source/encoded-data.js";

/** Bytes that look random, the same on every run. */
function bytes(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => createHash("sha256").update(`${i}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}
const base64 = bytes(3000).toString("base64");
const wrapped = (joint: string) => (base64.match(/.{1,76}/g) as string[]).join(joint);

describe("withoutEncodedData", () => {
  it.each([
    ["an image of Markdown", `![map](data:image/png;base64,${base64}) end`, "![map](\u2026) end"],
    ["a reference of Markdown", `[image1]: <data:image/png;base64,${base64}>`, "[image1]: <\u2026>"],
    ["a drawing", `url("data:image/svg+xml;charset=utf-8,${"%3Csvg%20".repeat(20)}") end`, 'url("\u2026") end'],
    ["an output of a notebook", `{"image/png": "${base64}", "text": "x"}`, '{"image/png": "\u2026", "text": "x"}'],
    ["one with escaped line feeds", `{"image/png": "${wrapped("\\n")}\\n"}`, '{"image/png": "\u2026\\n"}'],
    ["hexadecimal digits", `blob: ${bytes(300).toString("hex")} end`, "blob: \u2026 end"],
  ])("takes out %s", (_, text, expected) => {
    expect(withoutEncodedData(text)).toBe(expected);
  });

  it("keeps the number of lines", () => {
    expect(withoutEncodedData(`one\n${wrapped("\n")}\ntwo`)).toBe(`one\n\u2026${"\n".repeat(52)}\ntwo`);
    expect(withoutEncodedData(`> one\n> ${wrapped("\r\n> ")}`).split("\n")).toHaveLength(54);
  });

  it.each([
    ["a short URI", "data:text/plain,hello"],
    ["properties", `{data:image/a,${"key:b,".repeat(5)}}`],
    ["a path", "https://example.org/".concat("some-long-part/of-a-path/".repeat(20))],
    ["a word", "x".repeat(500)],
    ["a long name", "SomeVeryLongNameOfAClass".repeat(20)],
    ["a number", "31415926535897932384".repeat(20)],
    ["checksums", Array.from({ length: 20 }, (_, i) => createHash("sha256").update(`${i}`).digest("hex")).join("\n")],
    ["another script", "会議の記録です".repeat(50)],
  ])("keeps %s", (_, text) => {
    expect(withoutEncodedData(text)).toBe(text);
  });

  it("never adds a character or a line, and takes nothing out twice", () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom("data:image/png;base64,", "\n", "\\n", "=", "> ", " "),
      fc.integer({ min: 0, max: 3000 }).map((length) => base64.slice(0, length)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const text = parts.join("");
        const left = withoutEncodedData(text);
        expect(left.length).toBeLessThanOrEqual(text.length);
        expect(left.split("\n")).toHaveLength(text.split("\n").length);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["A1b", "data:", "data:image/png;a=b", "data:image/png;a=b;", "A\n", `${"A1b".repeat(20)}\n`, "="])(
    "takes linear time for many %j",
    (part) => {
      const started = performance.now();
      withoutEncodedData(part.repeat(5_000_000 / part.length));
      expect(performance.now() - started).toBeLessThan(5_000);
    },
  );
});
