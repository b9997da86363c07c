import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { rememberWords } from "#src/text/remember-words.js";

describe("words that are remembered", () => {
  it("are made once, and again when too many others came or they are very long", () => {
    const made: string[] = [];
    const upper = rememberWords((word) => {
      made.push(word);
      return word.toUpperCase();
    });
    const long = "x".repeat(33);
    expect([upper("a"), upper("a"), upper("日本"), upper(long), upper(long)]).toEqual([
      "A",
      "A",
      "日本",
      long.toUpperCase(),
      long.toUpperCase(),
    ]);
    expect(made).toEqual(["a", "日本", long, long]);
    for (let i = 0; i < 20_000; i++) upper(`w${i}`);
    made.length = 0;
    upper("a");
    expect(made).toEqual(["a"]);
  });

  it("do not keep the texts alive that they were cut from", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const remember = rememberWords((word) => word);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 2_000; i++) {
      const text = `${"lorem ".repeat(2_000)}${String(i).padStart(20, "y")}`;
      remember(text.slice(-20));
    }
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5e6); // the texts are 24 MB
  });
});
