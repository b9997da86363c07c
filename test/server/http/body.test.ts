/** Bodies: what is read of them, and how they are refused. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import { TokenBuckets } from "#src/resilience/token-bucket.js";
import { INITIALIZE, JSON_HEADERS, messagesIn, reasonIn, serve } from "./serve.js";

const initialize = JSON.stringify(INITIALIZE);
const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const call = (value: string) => `{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"x":${value}}}`;

it.each([
  ["nothing", "", "The body is not valid JSON."],
  ["half a message", initialize.slice(0, 50), "The body is not valid JSON."],
  ["two messages", `${initialize}\n${initialize}`, "The body is not valid JSON."],
  ["broken UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22]), "The body is not valid JSON."],
  ["a text", '"secret"', "A message must be a JSON object."],
  ["null", "null", "A message must be a JSON object."],
  ["another version of JSON-RPC", '{"jsonrpc":"1.0","id":1,"method":"ping"}', 'jsonrpc must be "2.0".'],
  ["a fraction as id", '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', "id must be a string or an integer."],
  ["a list as params", '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', "params must be an object."],
  ["no batch", "[]", "A batch must hold at least one message."],
  ["63 levels in a message", call(nested(63)), "The body is nested deeper than 64 levels."],
  ["half a million levels", nested(500_000), "The body is nested deeper than 64 levels."],
])("of %s is refused with 400", async (_name, body, reason) => {
  const { ask } = await serve();
  const answer = await ask({ method: "POST", headers: JSON_HEADERS, body });
  expect([answer.status, reasonIn(answer)]).toEqual([400, reason]);
});

it("of 62 levels in a message is read", async () => {
  const { ask } = await serve();
  const answer = await ask({ method: "POST", headers: JSON_HEADERS, body: call(nested(62)) });
  expect(answer.status).toBe(200);
});

it("has the id of its request where it is refused", async () => {
  const { ask } = await serve();
  const body = '{"jsonrpc":"2.0","id":"seven","method":"ping","params":7}';
  expect(JSON.parse((await ask({ method: "POST", headers: JSON_HEADERS, body })).text).id).toBe("seven");
});

it.each(["gzip", "br", "deflate, gzip", "GZIP"])("compressed by %s is refused with 415", async (encoding) => {
  const { ask } = await serve();
  const answer = await ask({ method: "POST", headers: { ...JSON_HEADERS, "content-encoding": encoding }, body: "x" });
  expect([answer.status, reasonIn(answer)]).toEqual([415, "The body must not be compressed."]);
});

it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", undefined])(
  "of type %s is refused with 415: no form of a web page reaches a tool",
  async (type) => {
    const { ask } = await serve();
    const headers = { accept: JSON_HEADERS.accept, ...(type && { "content-type": type }) };
    const answer = await ask({ method: "POST", headers, body: initialize });
    expect([answer.status, reasonIn(answer)]).toEqual([415, "Content-Type must be application/json."]);
  },
);

it("that is too long is refused with 413, whether its length is said or counted, and its connection ends", async () => {
  const { ask } = await serve({ http: { maxBodyBytes: 10_000 } });
  const body = JSON.stringify({ ...INITIALIZE, params: { ...INITIALIZE.params, x: "x".repeat(200_000) } });
  for (const framing of [{ "content-length": body.length }, { "transfer-encoding": "chunked" }]) {
    const answer = await ask({ method: "POST", headers: { ...JSON_HEADERS, ...framing }, body });
    expect([answer.status, reasonIn(answer)]).toEqual([413, "The body is longer than 10000 bytes."]);
    expect(answer.headers.connection).toBe("close");
  }
  expect((await ask({ method: "POST", headers: JSON_HEADERS, body: initialize })).status).toBe(200);
});

it("that never ends is not read for ever", async () => {
  const { port } = await serve({ http: { maxBodyBytes: 10_000 } });
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const part = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const pouring = setInterval(() => socket.write(part), 1);
  await new Promise((done) => socket.once("close", done));
  clearInterval(pouring);
  expect(socket.bytesWritten).toBeLessThan(32 * 1024 * 1024);
});

it("that its sender asks leave for is asked for only when it is wanted", async () => {
  const { port } = await serve();
  const head = (host: string) =>
    `POST /mcp HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nAccept: ${JSON_HEADERS.accept}\r\n` +
    `Content-Length: ${initialize.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
  const send = async (host: string) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    let heard = "";
    socket.on("data", (part) => {
      heard += part;
      if (heard.endsWith("100 Continue\r\n\r\n")) socket.write(initialize);
    });
    socket.write(head(host));
    await once(socket, "close");
    return heard;
  };
  expect(await send("localhost")).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  expect(await send("evil.example")).toMatch(/^HTTP\/1\.1 403 /);
});

it("that is a batch is served with the one revision that has them, or without any", async () => {
  const { ask } = await serve();
  const body = JSON.stringify([
    { jsonrpc: "2.0", id: 1, method: "ping" },
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", id: 2, method: "tools/list" },
    { jsonrpc: "2.0", id: 3, method: 7 },
  ]);
  const send = (version: object) => ask({ method: "POST", headers: { ...JSON_HEADERS, ...version }, body });
  for (const version of [{}, { "mcp-protocol-version": "2025-03-26" }]) {
    const answer = await send(version);
    expect(answer.status).toBe(200);
    const ids = messagesIn(answer).map(({ id, error }) => [id, error?.message]);
    expect(ids).toEqual([
      [3, "method must be a string."],
      [1, undefined],
      [2, undefined],
    ]);
  }
  for (const version of ["2025-06-18", "2025-11-25", "2026-07-28"]) {
    const answer = await send({ "mcp-protocol-version": version });
    expect([answer.status, reasonIn(answer)]).toEqual([
      400,
      "Batches are served with protocol version 2025-03-26 only.",
    ]);
  }
  const silent = JSON.stringify([{ jsonrpc: "2.0", method: "notifications/initialized" }]);
  expect((await ask({ method: "POST", headers: JSON_HEADERS, body: silent })).status).toBe(202);
});

it("that is a batch has each message counted for itself", async () => {
  const buckets = new TokenBuckets(() => 0);
  const admit = ({ id }: { id: string }) => {
    if (buckets.take(id, 10) > 0) throw new AppError("rate_limited", "Too many.", { remedy: "Wait." });
  };
  const serving = await serve({ parts: { admit } });
  const message = (id: number) => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "get_document", arguments: { uri: "aura://docs/files/a.md" } },
  });
  const batch = Array.from({ length: 100 }, (_, id) => message(id));
  const answer = await serving.post(batch);
  const codes = messagesIn(answer).map(({ result }) => result.structuredContent.error.code);
  expect(codes.filter((code) => code === "not_found")).toHaveLength(10);
  expect(codes.filter((code) => code === "rate_limited")).toHaveLength(90);
  expect(serving.app.recorded).toHaveLength(100);
});
