/** Which requests a copy's way back and its deletion make, seen without a server; the contract runs them on a real one. */
import { describe, expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import type { SnapshotRecord } from "#src/core/ledger.js";
import { HttpError } from "#src/http/faults.js";
import { Book } from "#src/store/qdrant/book.js";
import { Copies } from "#src/store/qdrant/copies.js";
import { Fences } from "#src/store/qdrant/fences.js";
import { KnownCollections } from "#src/store/qdrant/known.js";
import { ledgerIn } from "#src/store/qdrant/ledger.js";
import { Requests } from "#src/store/qdrant/requests.js";
import { namingIn } from "#src/store/qdrant/take-name.js";
import type { Request, Transport } from "#src/store/qdrant/transport.js";
import { spec } from "../../contract/fixtures.js";
import { testCall } from "../../support/call.js";

/** One that nobody ends. */
const call = testCall();
const VERSION = "docs_1";
const KEPT: SnapshotRecord = {
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
  const answer = ({ method, path }: Request<unknown>): unknown => {
    const name = /^\/collections\/([^/?]+)/.exec(path)?.[1] ?? "";
    if (path === "/") return { version: "1.18.3" };
    if (path.startsWith(BOOK)) {
      if (path.endsWith("/exists")) return { exists: true };
      if (path === BOOK) return { payload_schema: { kind: {} } };
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
  const fences = new Fences(requests);
  const ledger = ledgerIn({ requests, book, fences }, namingIn(requests, book));
  const known = new KnownCollections({ requests, ledger, fences, foreign: { textField: "text" } });
  const copies = new Copies({
    requests,
    ledger,
    fences,
    collections: known,
    own: { origin: "http://node", credentials: { apiKey: undefined } },
  });
  return { copies, log, there };
}

const FILE = `/collections/${VERSION}/snapshots/docs_1-7.snapshot?wait=true`;

describe("a Qdrant's copy", () => {
  it("is deleted by its own name where that is another than the snapshot's", async () => {
    const deletions = async (snapshot: SnapshotRecord) => {
      const { copies, log } = server([VERSION]);
      await copies.delete(call, snapshot);
      return log.filter((line) => line.startsWith("DELETE"));
    };
    expect(await deletions(KEPT)).toEqual([`DELETE ${FILE}`]);
    expect(await deletions({ ...KEPT, file: "other.snapshot" })).toEqual([
      `DELETE /collections/${VERSION}/snapshots/other.snapshot?wait=true`,
    ]);
  });

  it("of a collection that is gone is reached through an empty one, which is taken away again", async () => {
    const { copies, log, there } = server([]);
    await copies.delete(call, KEPT);
    expect(log).toEqual([`PUT /collections/${VERSION}`, `DELETE ${FILE}`, `DELETE /collections/${VERSION}`]);
    expect([...there]).toEqual([]);
  });

  it("whose file is gone is as good as deleted", async () => {
    const { copies } = server([VERSION], { file: false });
    await expect(copies.delete(call, KEPT)).resolves.toBeUndefined();
  });

  it("is brought back with its payload indexes", async () => {
    const { copies, log, there } = server([VERSION]);
    await copies.in(call, KEPT, "docs_2", undefined);
    expect(log).toContain("PUT /collections/docs_2/snapshots/recover?wait=true");
    expect(log).toContain("PUT /collections/docs_2/index?wait=false");
    expect([...there].sort()).toEqual([VERSION, "docs_2"]);
  });

  it("that the server cannot use is told so", async () => {
    const { copies, there } = server([], { sound: false });
    await expect(copies.in(call, KEPT, "docs_2", undefined)).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringMatching(/"docs_1-7\.snapshot" is damaged or missing: Snapshot checksum mismatch/),
    });
    expect([...there]).toEqual([]);
  });

  it("that is a part leaves nothing behind", async () => {
    const { copies, there } = server([], { points: 2 });
    await expect(copies.in(call, KEPT, "docs_2", undefined)).rejects.toMatchObject({
      code: "mismatch",
      message: expect.stringContaining("2 of 6"),
    });
    expect([...there]).toEqual([]);
  });
});
