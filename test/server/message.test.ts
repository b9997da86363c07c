import { parseJSONRPCMessage } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkMessage, idIn } from "#src/server/message.js";

const META = { progressToken: 1, "io.modelcontextprotocol/related-task": { taskId: "t" }, other: [] };

/** Objects near to messages: each member right, wrong or missing. */
const nearly = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 5, arbitrary: fc.constant("2.0") }, fc.constantFrom("1.0", 2, null)),
    id: fc.oneof(fc.integer(), fc.string({ unit: "binary" }), fc.constantFrom(null, true, 1.5, 2 ** 53, [], {})),
    method: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(1, null, {})),
    params: fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.constantFrom(null, [], "x", { _meta: null }, { _meta: [] }, { _meta: META }),
      fc.jsonValue().map((progressToken) => ({ _meta: { progressToken } })),
      fc.jsonValue().map((task) => ({ _meta: { "io.modelcontextprotocol/related-task": task } })),
    ),
    result: fc.jsonValue(),
    error: fc.oneof(fc.jsonValue(), fc.constant({ code: 1, message: "m" })),
  },
  { requiredKeys: [] },
);

function acceptedByLibrary(value: unknown): boolean {
  try {
    parseJSONRPCMessage(value);
    return true;
  } catch {
    return false;
  }
}

describe("a message", () => {
  it("passes only as the library takes it, and whatever the library takes passes", () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: nearly }, fc.jsonValue()), (value) => {
        const checked = checkMessage(value);
        if ("message" in checked) expect(acceptedByLibrary(checked.message)).toBe(true);
        else expect(acceptedByLibrary(value)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("keeps its members and loses those that JSON-RPC does not know", () => {
    const request = { jsonrpc: "2.0", id: "a\0\ud800", method: "m", params: { _meta: META, x: 1 } };
    expect(checkMessage({ ...request, extra: 1 })).toEqual({ message: request });
    const notification = { jsonrpc: "2.0", method: "notifications/x" };
    expect(checkMessage({ ...notification, extra: 1 })).toEqual({ message: notification });
  });

  it("is refused under its own id, or under none", () => {
    expect(checkMessage({ jsonrpc: "2.0", id: 1, method: "m", params: [] })).toMatchObject({ id: 1 });
    expect(checkMessage({ jsonrpc: "1.0", id: "x", method: "m" })).toMatchObject({ id: "x" });
    expect(checkMessage({ jsonrpc: "2.0", id: 1.5, method: "m" })).toMatchObject({ id: 1.5 });
    expect(checkMessage({ jsonrpc: "2.0", id: {}, method: "m" })).toMatchObject({ id: null });
    expect(checkMessage([])).toMatchObject({ id: null });
  });

  it("that is a faulty notification or a faulty response is refused without an answer", () => {
    expect(checkMessage({ jsonrpc: "2.0", method: "m", params: [] })).toMatchObject({ id: undefined });
    expect(checkMessage({ jsonrpc: "2.0", id: 1, result: "x" })).toMatchObject({ id: undefined });
    expect(checkMessage({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "m" } })).toMatchObject({
      id: undefined,
    });
  });
});

describe("the id of what cannot be parsed", () => {
  const found = (line: string) => idIn(line.slice(0, 1_024), line.slice(-1_024));

  it.each<[string, unknown]>([
    ['{"jsonrpc":"2.0","id":11,"method":"m"', 11],
    ['{ "id" : "a\\u0000\\"b" , "method":', 'a\0"b'],
    ['{"method":"m","id":-3,"params":{"broken', -3],
    ['{"method":"m","params":{"q":"\u0001"},"jsonrpc":"2.0","id":12}', 12],
    ['{"method":"m","params":{"q":"\u0001"},"jsonrpc":"2.0","id":"z"}\r', "z"],
  ])("is read where it is the message's own: %j", (line, id) => {
    expect(found(line)).toBe(id);
  });

  it.each([
    "not json",
    '"id":1}',
    '[{"jsonrpc":"2.0","id":1,"method":"m"}',
    '{"params":{"id":5},"method"',
    '{"method":"m","params":{"arguments":{"id":5}',
    '{"method":"m","params":{"q":"\\"jsonrpc\\":\\"2.0\\",\\"id\\":5}',
    '{"id":"\\x","method":',
    '{"id":{"id":1}',
    '{"id":1.5e9,',
    `{"id":${"9".repeat(30)},`,
  ])("is not guessed: %j", (line) => {
    expect(found(line)).toBeNull();
  });
});

describe("arguments of a tool's call", () => {
  const params = (given: object) => {
    const checked = checkMessage({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "health", ...given } });
    return "message" in checked && "params" in checked.message ? checked.message.params : undefined;
  };

  it.each([{ arguments: null }, {}, { arguments: "null" }])("are none: %j", (given) => {
    expect(params(given)).toEqual({ name: "health" });
  });

  it.each([
    ['{"top_k":"5"}', { top_k: "5" }],
    ["", {}],
    [{ a: 1 }, { a: 1 }],
    ["not JSON", "not JSON"],
  ])("may come as text: %j", (given, expected) => {
    expect(params({ arguments: given })).toEqual({ name: "health", arguments: expected });
  });

  it("of other methods stay as they are", () => {
    const message = { jsonrpc: "2.0", id: 1, method: "prompts/get", params: { arguments: null } };
    expect(checkMessage(message)).toEqual({ message });
  });
});
