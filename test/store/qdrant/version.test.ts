import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { testCall } from "../../support/call.js";
import { testStore } from "./test-store.js";

/** One that nobody ends. */
const call = testCall();

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function storeOf(version: string) {
  const server = createServer((_request, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ title: "qdrant", version })),
  ).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address() as AddressInfo;
  const store = testStore(`http://127.0.0.1:${port}`, { poolSize: 1, timeoutMs: 2_000, failureThreshold: 5 });
  open.push(
    () => server.closeAllConnections(),
    () => server.close(),
    () => store.close(),
  );
  return store;
}

it.each(["1.7.4", "1.10.1", "0.11.0"])("version %s is refused, by its number, by every call", async (version) => {
  const store = await storeOf(version);
  const refused = {
    code: "config",
    message: expect.stringMatching(new RegExp(`version ${version}; 1.11 is the least`)),
  };
  await expect(store.probe(call)).rejects.toMatchObject(refused);
  await expect(store.jobs(call, 1)).rejects.toMatchObject(refused);
});
