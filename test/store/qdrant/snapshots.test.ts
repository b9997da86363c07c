/** Which requests a snapshot's restore and deletion make, seen without a server; the contract runs them on a real one. */
import { describe, expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import { HttpError } from "#src/http/faults.js";
import { Book } from "#src/store/qdrant/book.js";
import { Collections } from "#src/store/qdrant/collections.js";
import { Fences } from "#src/store/qdrant/fences.js";
import { Requests } from "#src/store/qdrant/requests.js";
import { Snapshots } from "#src/store/qdrant/snapshots.js";
import type { Request, Transport } from "#src/store/qdrant/transport.js";
import { spec } from "../../contract/fixtures.js";
import { testCall } from "../../support/call.js";

/** One that nobody ends. */
const call = testCall();
const VERSION = "docs_1";
const KEPT = {
  info: {
    name: "docs_1-7.snapshot",
    collection: VERSION,
    spec: spec(),
    points: 6,
    documents: 4,
    bytes: 1,
    sha256: "ab",
    createdAt: "2026-01-01T00:00:00.000Z",
  },
  entry: { spec: spec(), state: "ready", createdAt: "2026-01-01T00:00:00.000Z" },
  indexes: ["source"],
};
const BOOK = "/collections/aura_retrieval_book";

/** A server that knows one snapshot. @param collections that are there @param points what a restore brings */
function server(collections: string[], { points = 6, file = true, sound = true } = {}) {
  const there = new Set(collections);
  const log: string[] = [];
  const answer = ({ method, path, body }: Request<unknown>): unknown => {
    const name = /^\/collections\/([^/?]+)/.exec(path)?.[1] ?? "";
    if (path === "/") return { version: "1.18.3" };
    if (path.startsWith(BOOK)) {
      if (path.endsWith("/exists")) return { exists: true };
      if (path === BOOK) return { payload_schema: { kind: {} } };
      if (path.endsWith("/points")) return [{ payload: { entry: KEPT } }];
      if (body?.includes('"delete"')) log.push("forget");
      return {};
    }
    if (path.endsWith("/exists")) return { exists: there.has(name) };
    if (path.endsWith("/points/count")) return { count: points };
    if (path === "/aliases") return { aliases: [] };
    log.push(`${method} ${path}`);
    if (path.includes("/snapshots/recover")) {
      const cause = new HttpError({
        status: 400,
        detail: "Snapshot checksum mismatch",
        isJson: true,
        url: "http://qdrant.test/",
        retryAfterMs: undefined,
      });
      if (!sound) throw new AppError("bug", "The Qdrant does not understand us", { remedy: "Report it.", cause });
      there.add(name);
    } else if (path.includes("/snapshots/") && !file) throw new AppError("not_found", "no file", { remedy: "" });
    else if (method === "DELETE") there.delete(name);
    else if (method === "PUT" && path.endsWith(name)) {
      if (there.has(name)) throw new AppError("conflict", "exists", { remedy: "" });
      there.add(name);
    }
    return {};
  };
  const transport = { call: async (request: Request<unknown>) => answer(request) } as unknown as Transport;
  const requests = new Requests(transport, { ordering: "medium" });
  const book = new Book(requests);
  const known = new Collections(requests, book, new Fences(requests), { textField: "text" });
  const snapshots = new Snapshots(requests, book, known, { origin: "http://node" });
  return { snapshots, log, there };
}

const FILE = `/collections/${VERSION}/snapshots/docs_1-7.snapshot?wait=true`;

describe("a Qdrant's snapshot", () => {
  it("is deleted with its file, then forgotten", async () => {
    const { snapshots, log } = server([VERSION]);
    expect(await snapshots.delete(call, KEPT.info.name)).toBe(true);
    expect(log.slice(-2)).toEqual([`DELETE ${FILE}`, "forget"]);
  });

  it("of a collection that is gone is reached through an empty one, which is taken away again", async () => {
    const { snapshots, log, there } = server([]);
    await snapshots.delete(call, KEPT.info.name);
    expect(log).toEqual([`PUT /collections/${VERSION}`, `DELETE ${FILE}`, `DELETE /collections/${VERSION}`, "forget"]);
    expect([...there]).toEqual([]);
  });

  it("whose file is gone is forgotten all the same", async () => {
    const { snapshots, log } = server([VERSION], { file: false });
    expect(await snapshots.delete(call, KEPT.info.name)).toBe(true);
    expect(log).toContain("forget");
  });

  it("is restored with its payload indexes", async () => {
    const { snapshots, log, there } = server([VERSION]);
    await snapshots.restore(call, KEPT.info.name, "docs_2");
    expect(log).toContain("PUT /collections/docs_2/snapshots/recover?wait=true");
    expect(log).toContain("PUT /collections/docs_2/index?wait=false");
    expect([...there].sort()).toEqual([VERSION, "docs_2"]);
  });

  it("that the server cannot use is told so", async () => {
    const { snapshots, there } = server([], { sound: false });
    await expect(snapshots.restore(call, KEPT.info.name, "docs_2")).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringMatching(/"docs_1-7\.snapshot" is damaged or missing: Snapshot checksum mismatch/),
    });
    expect([...there]).toEqual([]);
  });

  it("that brings a part leaves nothing behind", async () => {
    const { snapshots, there } = server([], { points: 2 });
    await expect(snapshots.restore(call, KEPT.info.name, "docs_2")).rejects.toMatchObject({
      code: "mismatch",
      message: expect.stringContaining("2 of 6"),
    });
    expect([...there]).toEqual([]);
  });
});
