/** Which documents lie in folders, by the places of their sources. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SourceInfo } from "#src/core/types.js";
import { isInside, type Place, placeOf, placesOf, scopeWithin } from "#src/versions/scope.js";

const source = (location: string, kind: SourceInfo["kind"] = "folder"): SourceInfo => ({
  id: location,
  name: "name",
  kind,
  location,
});
const scopeOf = (location: string, roots: readonly string[], kind?: SourceInfo["kind"]) =>
  scopeWithin(
    [source(location, kind)],
    roots.map((root) => placeOf(root) as Place),
  ).map(({ folder }) => folder ?? "all");

describe("a source", () => {
  it.each<[string, string, string[], string[]]>([
    ["at a root", "file:///ws/a", ["file:///ws/a"], ["all"]],
    ["in a root", "file:///ws/a/docs", ["file:///ws/a"], ["all"]],
    ["beside a root", "file:///ws/b", ["file:///ws/a"], []],
    ["whose name begins with a root's", "file:///ws/project", ["file:///ws/proj"], []],
    ["whose name a root's begins with", "file:///ws/proj", ["file:///ws/project"], []],
    ["around a root", "file:///ws", ["file:///ws/a"], ["a/"]],
    ["far around a root", "file:///", ["file:///ws/a"], ["ws/a/"]],
    ["around several roots", "file:///ws", ["file:///ws/a", "file:///ws/b/c", "file:///x"], ["a/", "b/c/"]],
    ["around roots in each other", "file:///ws", ["file:///ws/a/b", "file:///ws/a", "file:///ws/a"], ["a/"]],
    ["in one root and around another", "file:///ws/a", ["file:///ws/a/b", "file:///ws"], ["all"]],
    ["of odd names", "file:///ws/a%20b%23%3F%25", ["file:///ws/a%20b%23%3F%25/%C3%B6"], ["ö/"]],
    ["whose names are spelt otherwise in its address", "file:///ws/%61~", ["file:///ws/a%7E"], ["all"]],
    ["on a drive of Windows", "file:///C:/Users/ann", ["file:///C:/Users/ann/notes"], ["notes/"]],
    ["with the separators of Windows", "file:///C:\\Users\\ann\\notes", ["file:///C:/Users/ann"], ["all"]],
    ["on another drive", "file:///D:/Users/ann", ["file:///C:/Users/ann"], []],
    ["on a share of Windows", "file://server/share/docs", ["file://server/share"], ["all"]],
    ["on a share of another server", "file://other/share/docs", ["file://server/share"], []],
    ["in other case", "file:///WS/a", ["file:///ws"], []],
    ["where no root is", "file:///ws/a", [], []],
    ["with a stray percent sign", "file:///ws/%", ["file:///ws"], []],
    ["that is no file", "collection:docs", ["file:///"], []],
    ["that something else made", "qdrant:docs", ["file:///"], []],
    ["without a place", "", ["file:///"], []],
  ])("%s", (_what, location, roots, expected) => {
    expect(scopeOf(location, roots)).toEqual(expected);
  });

  it("that is one file has nothing below it", () => {
    expect(scopeOf("file:///ws/a.jsonl", ["file:///ws/a.jsonl/x"], "jsonl")).toEqual([]);
    expect(scopeOf("file:///ws/a.md", ["file:///ws"], "file")).toEqual(["all"]);
  });
});

it("what a scope shows of a document is what its path says", () => {
  // Names that contain, and begin with, each other.
  const names = fc.array(fc.constantFrom("a", "ab", "a b", "A", "ö", "%41", "#", "a.md"), { maxLength: 4 });
  const pathOf = (parts: readonly string[]) => resolve("/", ...parts);
  fc.assert(
    fc.property(names, names, fc.array(names, { maxLength: 3 }), (folder, below, roots) => {
      const location = pathToFileURL(pathOf(folder)).href;
      const document = [...below, "doc.md"].join("/");
      const scope = scopeWithin([source(location)], placesOf(roots.map(pathOf)));
      const isSeen = scope.some(({ folder }) => folder === undefined || document.startsWith(folder));
      const full = placeOf(pathToFileURL(pathOf([...folder, ...below, "doc.md"])).href);
      expect(isSeen).toBe(isInside(full, placesOf(roots.map(pathOf))));
    }),
  );
});
