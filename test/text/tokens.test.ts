import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectGarbage } from "#src/process/collect-garbage.js";
import { analyse } from "#src/text/analyser.js";
import { tokens } from "#src/text/tokens.js";

/** Many times what cutting takes, a fraction of what compiling all letters does. */
const MS = 5;
/** No token, and no ASCII. */
const QUOTE = "“";
const signs = fc.constantFrom(..."aBzZ09vV__..--//::&&++##()[] \n\x00'\"");
const words = fc.constantFrom(
  "v1.3.2",
  "10.2.1.3:80",
  "AT&T",
  "TCP/IP",
  "C++",
  "c#",
  ".NET",
  "i/o",
  "r&d",
  "2024-03-12",
);
const ascii = fc
  .array(fc.oneof(signs, words, fc.string({ unit: "binary-ascii", maxLength: 3 })), { maxLength: 40 })
  .map((parts) => parts.join(""));

describe("cutting a text into tokens", () => {
  it("cuts a text in ASCII as it is cut within any other", () => {
    fc.assert(
      fc.property(ascii, (text) => {
        expect(tokens(text)).toEqual(tokens(`${text}${QUOTE}`));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["which port is it", "который порт"])(
    "does not compile its pattern anew when garbage was collected: %s",
    (text) => {
      const times = Array.from({ length: 8 }, () => {
        analyse(text);
        for (let i = 0; i < 3; i++) collectGarbage();
        const started = performance.now();
        analyse(text);
        return performance.now() - started;
      });
      expect(Math.min(...times)).toBeLessThan(MS);
    },
  );
});
