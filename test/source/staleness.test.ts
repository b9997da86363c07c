/** Whether a file is still what was indexed of it. */
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import type { Call } from "#src/core/call.js";
import { FILES_VERSION } from "#src/source/files.js";
import { Staleness } from "#src/source/staleness.js";
import { testCall } from "../support/call.js";
import { collect } from "./collect.js";
import { folderOf, openFor } from "./folder.js";

/** A folder as it was indexed, and what became of each of its documents since. */
async function indexed(files: Readonly<Record<string, string>>) {
  const root = folderOf(files);
  const source = await openFor(root);
  const hashes = new Map<string, string>();
  for (const item of await collect(source.read(testCall()))) {
    if (item.kind === "document") hashes.set(item.document.document, item.document.hash);
  }
  const staleness = new Staleness();
  const stale = (
    name: string,
    { call = testCall(), chunker = `1/${source.version}` }: { call?: Call; chunker?: string } = {},
  ) => {
    const record = { hash: hashes.get(name) ?? hashes.get(`${name}#a`) ?? "", chunker };
    return staleness.of(call, { path: join(root, name), source: root, record });
  };
  return { root, stale };
}

describe("a file that was indexed", () => {
  it("is as it was, whatever its times say", async () => {
    const { root, stale } = await indexed({
      "a.md": "text",
      "b/passwords.txt": "a novel of words",
      Dockerfile: "FROM x",
    });
    utimesSync(join(root, "a.md"), new Date(), new Date());
    for (const name of ["a.md", "b/passwords.txt", "Dockerfile"])
      expect([name, await stale(name)]).toEqual([name, undefined]);
  });

  it("is changed when it holds something else, by the same number of bytes and with its old times too", async () => {
    const { root, stale } = await indexed({ "a.md": "text", "b.md": "text" });
    expect(await stale("a.md")).toBeUndefined();
    const past = new Date(2020, 1, 1);
    writeFileSync(join(root, "a.md"), "next");
    utimesSync(join(root, "a.md"), past, past);
    writeFileSync(join(root, "b.md"), "x".repeat(11_000_000));
    expect([await stale("a.md"), await stale("b.md")]).toEqual(["changed", "changed"]);
    writeFileSync(join(root, "a.md"), "text");
    expect(await stale("a.md")).toBeUndefined();
  });

  it("is deleted when it is not there, nor the folder that it lay in", async () => {
    const { root, stale } = await indexed({ "a.md": "text", "b/c/d.md": "text" });
    rmSync(join(root, "a.md"));
    rmSync(join(root, "b"), { recursive: true });
    expect([await stale("a.md"), await stale("b/c/d.md")]).toEqual(["deleted", "deleted"]);
  });
});

describe("nobody can tell", () => {
  it("of a source that is gone as a whole, as a share is that is not mounted", async () => {
    const { root, stale } = await indexed({ "a.md": "text" });
    rmSync(root, { recursive: true });
    expect(await stale("a.md")).toBeUndefined();
  });

  it("of one record in a file of many, but that the file is gone", async () => {
    const { root, stale } = await indexed({ "r.jsonl": '{"id":"a","text":"x"}' });
    writeFileSync(join(root, "r.jsonl"), '{"id":"b","text":"x"}');
    expect(await stale("r.jsonl")).toBeUndefined();
    rmSync(join(root, "r.jsonl"));
    expect(await stale("r.jsonl")).toBe("deleted");
  });

  it("of what another version of the formats read", async () => {
    const { root, stale } = await indexed({ "a.md": "text" });
    writeFileSync(join(root, "a.md"), "next");
    expect(await stale("a.md", { chunker: `1/old,${FILES_VERSION}` })).toBeUndefined();
  });

  it("of a file behind a name that has become a link, there or not", async () => {
    const { root, stale } = await indexed({ "a.md": "text", "sub/b.md": "text", "sub/c.md": "text" });
    const outside = folderOf({ "a.md": "OUTSIDE", "b.md": "OUTSIDE" });
    rmSync(join(root, "a.md"));
    symlinkSync(join(outside, "a.md"), join(root, "a.md"));
    renameSync(join(root, "sub"), join(root, "was"));
    symlinkSync(outside, join(root, "sub"));
    for (const name of ["a.md", "sub/b.md", "sub/c.md"]) expect([name, await stale(name)]).toEqual([name, undefined]);
  });

  it("of a file with a second name, for a client", async () => {
    const { root, stale } = await indexed({ "a.md": "text" });
    const elsewhere = folderOf({ "a.md": "ELSEWHERE" });
    rmSync(join(root, "a.md"));
    linkSync(join(elsewhere, "a.md"), join(root, "a.md"));
    expect(await stale("a.md", { call: testCall({ access: Access.to([]) }) })).toBeUndefined();
    expect(await stale("a.md")).toBe("changed");
  });

  it("of what is no file any more", async () => {
    const { root, stale } = await indexed({ "a.md": "text" });
    rmSync(join(root, "a.md"));
    mkdirSync(join(root, "a.md"));
    expect(await stale("a.md")).toBeUndefined();
  });
});
