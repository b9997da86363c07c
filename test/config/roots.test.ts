import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { rootsOf } from "#src/config/roots.js";

/** As hosts write a variable, behind a dollar sign. */
const BRACED = "{workspaceFolder}";

describe("RETRIEVAL_ROOTS", () => {
  it("holds folders, ~ for the home folder", () => {
    expect(rootsOf(["~/docs", "~", "/a/~b", "rel", " "].join(delimiter))).toEqual({
      folders: [join(homedir(), "docs"), homedir(), resolve("/a/~b"), resolve("rel")],
      refused: [],
    });
    expect(rootsOf("")).toEqual({ folders: [], refused: [] });
  });

  it.each([
    ["$HOME/docs", "$HOME"],
    [`/a/$${BRACED}`, `$${BRACED}`],
    ["%USERPROFILE%/docs", "%USERPROFILE%"],
    ['"/a/b"', "quotation marks"],
    ["'/a b", "quotation marks"],
    ["/a/b,/c", "comma"],
    ["/a/b, ~/c", "comma"],
    ['["/a","/b"]', "comma"],
    ['["/a"]', "brackets"],
  ])("refuses what nobody has replaced, by its name, and keeps the others: %s", (root, what) => {
    const { folders, refused } = rootsOf(["/fine", root].join(delimiter));
    expect(folders).toEqual([resolve("/fine")]);
    expect(refused).toEqual([expect.stringContaining(what)]);
    expect(refused[0]).toContain(JSON.stringify(root));
  });

  it("refuses nothing that a path may hold", () => {
    const { folders, refused } = rootsOf(["/a, b/c", "/it's", "/50%/x", "~/d$", "/a$ b"].join(delimiter));
    expect(folders).toHaveLength(5);
    expect(refused).toEqual([]);
  });
});
