/** A lease whose holder's clock, or whose numbering of processes, is another than ours. */
import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { Book } from "#src/store/qdrant/book.js";
import { Requests } from "#src/store/qdrant/requests.js";
import type { Transport } from "#src/store/qdrant/transport.js";
import { passFor, testCall } from "../../support/call.js";
import { Stub } from "./stub.js";
import { testStore, testTransport } from "./test-store.js";

const ALIAS = "docs";
const TERM_MS = 600;
/** Of this host's name and no living process here: in another container it may be one. */
const ELSEWHERE = `${hostname()}:4194305:a`;

let stub: Stub;
let store: VectorStore;
let transport: Transport;
let book: Book;
let renewals: ReturnType<typeof setInterval> | undefined;

beforeEach(async () => {
  stub = await Stub.start();
  store = testStore(stub.url, { leaseTermMs: TERM_MS });
  transport = testTransport(stub.url);
  book = new Book(new Requests(transport, { ordering: "medium" }));
});
afterEach(async () => {
  clearInterval(renewals);
  await Promise.all([store.close(), transport.close()]);
  await stub.close();
});

/** Renews as the holder does, by a clock that is ahead by `aheadMs`. */
async function hold(aheadMs: number): Promise<void> {
  const renew = () => {
    const expiresAt = Date.now() + aheadMs + TERM_MS;
    return book.put(testCall(), "lease", { name: ALIAS, entry: { owner: ELSEWHERE, expiresAt, generation: 1 } });
  };
  await renew();
  renewals = setInterval(() => void renew(), TERM_MS / 3);
}

describe.each([
  ["180 s ahead", 180_000],
  ["90 s behind", -90_000],
])("a holder whose clock is %s", (_what, aheadMs) => {
  it("keeps its lease for as long as it renews it", async () => {
    await hold(aheadMs);
    await expect(store.lease(testCall(), passFor(ALIAS))).rejects.toMatchObject({
      code: "conflict",
      message: `"docs" is being written by ${ELSEWHERE}, which renewed its lease though it had ended by the clock of this machine.`,
      remedy: expect.stringMatching(/clocks/),
    });
  });

  it("loses it a whole term after its last sign of life", async () => {
    await hold(aheadMs);
    clearInterval(renewals);
    const began = performance.now();
    const lease = await store.lease(testCall(), passFor(ALIAS));
    expect(performance.now() - began).toBeGreaterThanOrEqual(TERM_MS - 1);
    await lease.release();
  });

  it("is not waited for once it has given the lease back", async () => {
    await hold(aheadMs);
    clearInterval(renewals);
    const waiting = store.lease(testCall(), passFor(ALIAS));
    await book.put(testCall(), "lease", { name: ALIAS, entry: { owner: "", expiresAt: 0, generation: 1 } });
    await (await waiting).release();
  });
});

it("a process of the same host's name and number in another container is not taken for one of ours that has ended", async () => {
  await hold(0);
  clearInterval(renewals);
  await expect(store.lease(testCall(), passFor(ALIAS))).rejects.toMatchObject({ code: "conflict" });
});
