import { describe, expect, it, vi } from "vitest";
import type { WatchRequest } from "#src/app/watch.js";
import { Watches } from "#src/app/watches.js";
import { Access } from "#src/core/access.js";
import type { Call } from "#src/core/call.js";
import { AppError } from "#src/core/errors.js";
import { settled } from "../models/handles.js";

/** An app whose settings a test changes, and what it watches. */
function watching() {
  const live = { roots: ["/a", "/b"] as readonly string[], collection: "docs" };
  const open: string[] = [];
  const absent = new Set<string>();
  const log = { warn: vi.fn() };
  const watch = async (_call: Call, { source, collection }: WatchRequest) => {
    if (absent.has(source)) throw new AppError("not_found", `There is no ${source}.`, { remedy: "Make it." });
    const name = `${source} in ${collection.name}`;
    open.push(name);
    return { close: async () => void open.splice(open.indexOf(name), 1) };
  };
  const watches = new Watches({ live, log, watch, access: () => Access.to([live.collection]) });
  const follow = async (settings: Partial<typeof live> = {}) => {
    Object.assign(live, settings);
    watches.follow();
    await settled();
    return [...open].sort();
  };
  return { follow, absent, log };
}

describe("watched folders", () => {
  it("are those of the settings in force, each begun once", async () => {
    const { follow } = watching();
    expect(await follow()).toEqual(["/a in docs", "/b in docs"]);
    expect(await follow()).toEqual(["/a in docs", "/b in docs"]);
    expect(await follow({ roots: ["/b", "/c"] })).toEqual(["/b in docs", "/c in docs"]);
    expect(await follow({ roots: [] })).toEqual([]);
  });

  it("are indexed in the collection in force", async () => {
    const { follow } = watching();
    await follow();
    expect(await follow({ collection: "new" })).toEqual(["/a in new", "/b in new"]);
  });

  it("that are not there are named in the log, and looked for again with the next settings", async () => {
    const { follow, absent, log } = watching();
    absent.add("/a");
    expect(await follow()).toEqual(["/b in docs"]);
    expect(log.warn).toHaveBeenCalledWith("watch /a: There is no /a. Make it.");
    absent.delete("/a");
    expect(await follow()).toEqual(["/a in docs", "/b in docs"]);
  });
});
