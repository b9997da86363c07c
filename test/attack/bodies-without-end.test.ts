/** A Qdrant that says too much: as an error's text, or without an end. The server reads a part and goes on serving. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { cleanUp, newFolder, onCleanUp, startServer } from "../e2e/server.js";

afterEach(cleanUp);

const MIB = 1024 ** 2;
const JSON_TYPE = { "content-type": "application/json" };

/** @returns its address, and how many bytes were taken from it */
async function qdrant(answer: (response: ServerResponse) => void) {
  let taken = 0;
  const server = createServer((_request, response) => {
    const { socket } = response;
    socket?.once("close", () => {
      taken += socket.bytesWritten;
    });
    answer(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken: () => taken };
}

it("an error's text of 400,000 brackets is told in one short line, and the next call is heard meanwhile", async () => {
  const { url } = await qdrant((response) => response.writeHead(500).end("<".repeat(400_000)));
  const server = await startServer(newFolder(), { QDRANT_URL: url, QDRANT_MAX_RETRIES: "0" });
  const asked = server.refuse("retrieve", { query: "anything" });
  const listed = server.request("tools/list").answer;
  const error = await asked;
  expect(error.code).toBe("store_down");
  expect(error.message.length).toBeLessThan(500);
  expect((await listed).result.tools).toHaveLength(5);
});

it.each([
  ["of one long text", '{"result":"', "x".repeat(MIB)],
  ["of many small parts", '{"result":[', "[],".repeat(MIB / 3)],
  ["of blank space", "", " ".repeat(MIB)],
])("an answer without end, %s, is refused after its first part", async (_how, head, piece) => {
  const { url, taken } = await qdrant((response) => {
    response.writeHead(200, JSON_TYPE).write(head);
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", more);
    more();
  });
  const server = await startServer(newFolder(), { QDRANT_URL: url, QDRANT_MAX_RETRIES: "0" });
  expect(await server.refuse("retrieve", { query: "anything" })).toMatchObject({
    code: "store_down",
    message: expect.stringContaining("more than 8 MiB"),
  });
  expect((await server.ask("health")).store.state).toBe("down");
  await server.end();
  // Each call reads one answer to its limit; buffers on the way hold a little more.
  expect(taken()).toBeLessThan(8 * 16 * MIB);
});
