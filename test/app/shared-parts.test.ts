import { describe, expect, it } from "vitest";
import { SharedParts } from "#src/app/shared-parts.js";

function counted() {
  const made: string[] = [];
  const closed: string[] = [];
  const make = (name: string) => () => {
    made.push(name);
    return { name, close: async () => void closed.push(name) };
  };
  return { made, closed, make };
}

describe("parts that are shared", () => {
  it("are made once for each key, and closed with their last user", async () => {
    const { made, closed, make } = counted();
    const parts = new SharedParts();
    const first = parts.acquire("a", make("a"));
    expect(parts.acquire("a", make("a again"))).toBe(first);
    parts.acquire("b", make("b"));
    parts.release("a");
    expect([made, closed]).toEqual([["a", "b"], []]);
    parts.release("a");
    parts.release("b");
    await parts.close();
    expect(closed).toEqual(["a", "b"]);
  });

  it("are made anew after they were closed", async () => {
    const { made, make } = counted();
    const parts = new SharedParts();
    parts.acquire("a", make("first"));
    parts.release("a");
    expect(parts.acquire("a", make("second")).name).toBe("second");
    expect(made).toEqual(["first", "second"]);
  });

  it("are all closed at the end, once, whoever still uses them; one that fails keeps no other", async () => {
    const { closed, make } = counted();
    const parts = new SharedParts();
    parts.acquire("bad", () => ({ close: () => Promise.reject(new Error("no")) }));
    parts.acquire("plain", () => ({}));
    parts.acquire("a", make("a"));
    await parts.close();
    await parts.close();
    expect(closed).toEqual(["a"]);
  });
});
