import { PassThrough } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { beforeEach, describe, expect, it } from "vitest";
import { LineTransport } from "#src/server/line-transport.js";

let stdin: PassThrough;
let stdout: PassThrough;
let transport: LineTransport;
let received: JSONRPCMessage[];
let refused: string[];
let ended: boolean[];

beforeEach(async () => {
  stdin = new PassThrough();
  stdout = new PassThrough();
  received = [];
  refused = [];
  ended = [];
  transport = new LineTransport(
    stdin,
    stdout,
    (reason) => refused.push(reason),
    (asked) => ended.push(asked),
  );
  transport.onmessage = (message) => void received.push(message);
  await transport.start();
});

const settled = () => new Promise((done) => setImmediate(done));

async function write(...messages: unknown[]): Promise<void> {
  for (const message of messages) stdin.write(`${JSON.stringify(message)}\n`);
  await settled();
}

/** What was written since the last look. */
function written(): unknown[] {
  const text = String(stdout.read() ?? "");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const request = (id: string | number, method = "ping") => ({ jsonrpc: "2.0" as const, id, method });
const answer = (id: string | number) => ({ jsonrpc: "2.0" as const, id, result: {} });
const cancelled = (requestId: string | number) => ({
  jsonrpc: "2.0" as const,
  method: "notifications/cancelled",
  params: { requestId },
});
const refusal = (id: unknown, code: number) => ({
  jsonrpc: "2.0",
  id,
  error: { code, message: expect.any(String) },
});

/** As a server with batches. */
async function shakeHands(version = "2025-03-26"): Promise<void> {
  await write(request("hello", "initialize"));
  transport.setProtocolVersion(version);
  await transport.send(answer("hello"));
  written();
  received = [];
}

describe("lines that are no message", () => {
  it.each<[string, string, unknown, number]>([
    ["what is not JSON", "{", null, -32700],
    ["a number", "42", null, -32600],
    ["params in a list", '{"jsonrpc":"2.0","id":1,"method":"m","params":[]}', 1, -32602],
    ["another jsonrpc", '{"jsonrpc":"1.0","id":"a","method":"m"}', "a", -32600],
  ])("are answered with an error, and the next one is served: %s", async (_case, line, id, code) => {
    stdin.write(`${line}\n`);
    await write(request(2));
    expect(written()).toEqual([refusal(id, code)]);
    expect(received).toEqual([request(2)]);
    expect(refused).toHaveLength(1);
  });

  it("and are blank are left alone", async () => {
    stdin.write("\n\r\n  \n");
    await write(request(1));
    expect(written()).toEqual([]);
    expect(received).toEqual([request(1)]);
  });
});

describe("a batch", () => {
  it("is served message by message and answered once, by one array, whatever comes between", async () => {
    await shakeHands();
    const note = { jsonrpc: "2.0" as const, method: "notifications/x" };
    await write([request(1), note, 5, request("1"), { jsonrpc: "1.0", id: 7, method: "m" }], request(9));
    expect(received).toEqual([request(1), note, request("1"), request(9)]);
    await transport.send(answer("1"));
    await transport.send(answer(9));
    expect(written()).toEqual([answer(9)]);
    await transport.send(answer(1));
    expect(written()).toEqual([[refusal(null, -32600), refusal(7, -32600), answer("1"), answer(1)]]);
  });

  it("of notifications alone is not answered", async () => {
    await shakeHands();
    await write([{ jsonrpc: "2.0", method: "notifications/x" }]);
    expect(received).toHaveLength(1);
    expect(written()).toEqual([]);
  });

  it("of nothing but faults is answered at once", async () => {
    await shakeHands();
    await write([1, 2]);
    expect(written()).toEqual([[refusal(null, -32600), refusal(null, -32600)]]);
  });

  it("does not wait for a request that was cancelled", async () => {
    await shakeHands();
    await write([request(1), request(2), cancelled(2)]);
    await transport.send(answer(1));
    expect(written()).toEqual([[answer(1)]]);
    await write([request(3)], cancelled(3));
    expect(written()).toEqual([]); // an empty array is no answer
  });

  it("answers every request of a client that uses an id twice", async () => {
    await shakeHands();
    await write([request(1), request(1)]);
    await transport.send(answer(1));
    await transport.send(answer(1));
    expect(written()).toEqual([[answer(1), answer(1)]]);
  });

  it("refuses the handshake as a part of it", async () => {
    await shakeHands();
    await write([request(1, "initialize"), request(2)]);
    await transport.send(answer(2));
    expect(written()).toEqual([[refusal(1, -32600), answer(2)]]);
    expect(received).toEqual([request(2)]);
  });

  it("has at least one message and 100 at most", async () => {
    await shakeHands();
    await write(
      [],
      Array.from({ length: 101 }, (_, id) => request(id)),
    );
    expect(written()).toEqual([refusal(null, -32600), refusal(null, -32600)]);
    await write(Array.from({ length: 100 }, (_, id) => request(id)));
    expect(received).toHaveLength(100);
  });

  it.each(["2024-11-05", "2025-06-18", "2025-11-25"])("is refused as a whole in version %s", async (version) => {
    await shakeHands(version);
    await write([request(1)], request(2));
    expect(written()).toEqual([refusal(null, -32600)]);
    expect(received).toEqual([request(2)]);
  });

  it("is refused before the handshake", async () => {
    await write([request(1)]);
    expect(written()).toEqual([refusal(null, -32600)]);
  });

  it("sent right behind the handshake waits for its answer, and so does what follows", async () => {
    await write(request(0, "initialize"), [request(1)], request(2));
    expect(received).toEqual([request(0, "initialize")]);
    transport.setProtocolVersion("2025-03-26");
    await transport.send(answer(0));
    expect(received.slice(1)).toEqual([request(1), request(2)]);
    await transport.send(answer(1));
    expect(written()).toEqual([answer(0), [answer(1)]]);
  });

  it("does not wait for a handshake that was cancelled", async () => {
    await write(request(0, "initialize"), cancelled(0), [request(1)]);
    expect(written()).toEqual([refusal(null, -32600)]);
  });
});

describe("the end", () => {
  it("of stdin closes the connection once", async () => {
    let closed = 0;
    transport.onclose = () => closed++;
    stdin.end();
    await new Promise((done) => setTimeout(done, 10));
    await transport.close();
    expect(closed).toBe(1);
    expect(ended).toEqual([true]);
    await expect(transport.send(answer(1))).rejects.toThrow("closed");
  });

  it("of stdout closes it too, and later errors are nobody's", async () => {
    const errors: Error[] = [];
    transport.onerror = (error) => errors.push(error);
    let closed = 0;
    transport.onclose = () => closed++;
    stdout.destroy(new Error("EPIPE"));
    await settled();
    expect(closed).toBe(1);
    expect(errors).toMatchObject([{ message: "EPIPE" }]);
    expect(ended).toEqual([false]);
    stdout.emit("error", new Error("late"));
  });

  it("knows whether anything came before", async () => {
    expect(transport.hasHeard).toBe(false);
    stdin.write("x");
    await settled();
    stdin.end();
    await settled();
    expect([transport.hasHeard, ended]).toEqual([true, [true]]);
  });

  it("of a stdin that cannot be read was not asked for, nor was one by the library", async () => {
    stdin.destroy(new Error("EIO"));
    await settled();
    await transport.close();
    expect(ended).toEqual([false]);
    const other = new LineTransport(
      new PassThrough(),
      stdout,
      () => undefined,
      (asked) => ended.push(asked),
    );
    await other.start();
    await other.close();
    expect(ended).toEqual([false, false]);
  });
});
