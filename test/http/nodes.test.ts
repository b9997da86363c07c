/** Nodes of a service: their addresses, and when one that failed is asked again. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { AppError } from "#src/core/errors.js";
import { Nodes, parseAddresses } from "#src/http/nodes.js";

const refused = (address: number, wrong: string) =>
  new AppError("config", `SOME_URL: address ${address} ${wrong}.`, { remedy: "write it so" });

afterEach(() => {
  vi.useRealTimers();
});

describe("several nodes", () => {
  it("are tried again by one call at a time, and later each time", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const nodes = new Nodes(parseAddresses("http://a,http://b", refused));
    const first = nodes.pick(false);
    const asked = () => Array.from({ length: 6 }, () => nodes.pick(true)).filter((node) => node === first).length;
    expect(asked()).toBe(3);
    for (let companion = 0; companion < 10; companion++) nodes.failed(first);
    for (const outMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      vi.advanceTimersByTime(outMs - 1);
      expect(asked()).toBe(0);
      vi.advanceTimersByTime(1);
      expect(asked()).toBe(1);
      nodes.failed(first);
    }
    nodes.answered(first);
    expect(asked()).toBe(3);
  });
});

describe("a list of addresses", () => {
  it("names origins and paths", () => {
    expect(parseAddresses("http://a:6333, https://b/q/,http://[::1]:1", refused)).toEqual([
      { origin: "http://a:6333", prefix: "" },
      { origin: "https://b", prefix: "/q" },
      { origin: "http://[::1]:1", prefix: "" },
    ]);
  });

  it.each(["a:6333", "ftp://a", "http://me:secret@a", "http://a/?key=secret"])(
    "refuses %s, and shows no secret",
    (url) => {
      const refuse = () => parseAddresses(`http://a,${url}`, refused);
      expect(refuse).toThrow(/address 2/);
      expect(refuse).not.toThrow(/secret/);
    },
  );

  it("refuses one without any", () => {
    expect(() => parseAddresses(" , ", refused)).toThrow("SOME_URL: address 1 is missing.");
  });
});
