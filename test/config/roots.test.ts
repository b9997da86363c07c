import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { rootsOf, rootWarnings } from "#src/config/roots.js";

/** As hosts write a variable, behind a dollar sign. */
const BRACED = "{workspaceFolder}";

describe("RETRIEVAL_ROOTS", () => {
  it("holds folders, ~ for the home folder", () => {
    expect(rootsOf(["~/docs", "~", "/a/~b", "rel"].join(delimiter))).toEqual([
      join(homedir(), "docs"),
      homedir(),
      resolve("/a/~b"),
      resolve("rel"),
    ]);
    expect(rootsOf("")).toEqual([]);
  });

  it.each([
    ["$HOME/docs", "$HOME"],
    [`/a/$${BRACED}`, `$${BRACED}`],
    ["%USERPROFILE%/docs", "%USERPROFILE%"],
    ['"/a/b"', "quotation marks"],
    ["/a/b,/c", "comma"],
  ])("warns of what nobody has replaced: %s", (root, what) => {
    expect(rootWarnings(["/fine", root].join(delimiter))).toEqual([expect.stringContaining(what)]);
  });

  it("warns of nothing that a path may hold", () => {
    expect(rootWarnings(["/a, b/c", "/it's", "/50%/x", "~/d$", "/a$ b"].join(delimiter))).toEqual([]);
  });
});
