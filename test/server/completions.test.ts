import { describe, expect, it } from "vitest";
import { connect, FakeApp } from "./connect.js";

const ref = { type: "ref/resource", uri: "aura://{collection}/{source}/{+path}" } as const;

async function server() {
  const app = new FakeApp();
  app.allowed = ["docs", "drafts"];
  app.collections.docs = { "guide.md": "", "glossary.md": "", "api/keys.md": "" };
  app.collections.secret = { "guide-secret.md": "" };
  const client = await connect(app.open);
  const complete = async (name: string, value: string, collection?: string, source = "files") => {
    const context = collection === undefined ? undefined : { arguments: { collection, source } };
    return (await client.complete({ ref, argument: { name, value }, context })).completion;
  };
  return { app, complete };
}

describe("completing a document's address", () => {
  it("names the collections that tools may name, and no other", async () => {
    const { complete } = await server();
    expect(await complete("collection", "")).toEqual({ values: ["docs", "drafts"], hasMore: false });
    expect((await complete("collection", "dr")).values).toEqual(["drafts"]);
    expect((await complete("collection", "se")).values).toEqual([]);
  });

  it("names the documents of the collection that was chosen", async () => {
    const { complete } = await server();
    expect((await complete("path", "g", "docs")).values).toEqual(["guide.md", "glossary.md"]);
    expect((await complete("path", "api/", "docs")).values).toEqual(["api/keys.md"]);
    expect((await complete("path", "g", "drafts")).values).toEqual([]);
    expect((await complete("path", "g")).values).toEqual([]);
  });

  it("names the sources of the collection that was chosen, and no document before a source is", async () => {
    const { complete } = await server();
    expect((await complete("source", "", "docs")).values).toEqual(["files"]);
    expect((await complete("source", "x", "docs")).values).toEqual([]);
    expect((await complete("source", "", "drafts")).values).toEqual([]);
    expect((await complete("path", "g", "docs", "other")).values).toEqual([]);
  });

  it("spells them as their address does, whichever way their beginning was typed", async () => {
    const { app, complete } = await server();
    app.collections.docs = { "50% of it.md": "", "a\u202eb/../c": "" };
    for (const typed of ["50% ", "50%25%20", "50%25%2", "50%"]) {
      expect((await complete("path", typed, "docs")).values).toEqual(["50%25%20of%20it.md"]);
    }
    expect((await complete("path", "a", "docs")).values).toEqual(["a%E2%80%AEb/~../c"]);
  });

  it("refuses a collection that tools may not name as one that is not there", async () => {
    const { complete } = await server();
    const refusal = (name: string) =>
      complete("path", "", name).catch(({ code, message, data }) => [code, message, { ...data, trace_id: "" }]);
    const [secret, absent] = [await refusal("secret"), await refusal("absent")];
    expect(secret).toEqual([
      -32_602,
      expect.stringContaining('There is no collection "secret".'),
      expect.objectContaining({ code: "not_found", remedy: expect.stringContaining("health lists") }),
    ]);
    expect(JSON.stringify(secret).replaceAll("secret", "absent")).toBe(JSON.stringify(absent));
  });

  it("stops at a hundred, which is what the protocol allows, and says that there are more", async () => {
    const { app, complete } = await server();
    app.collections.docs = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`d${i}`, ""]));
    const { values, hasMore } = await complete("path", "", "docs");
    expect([values.length, hasMore]).toEqual([100, true]);
  });

  it("is an operation: limited, checked and recorded like a tool's call", async () => {
    const { app, complete } = await server();
    await complete("path", "gui", "docs");
    await expect(complete("nothing", "")).rejects.toMatchObject({ code: -32_602 });
    await expect(complete("collection", "a\0b")).rejects.toThrow("NUL");
    app.limit = 250;
    await expect(complete("collection", "")).rejects.toMatchObject({
      code: -32_603,
      message: expect.stringContaining("Too many calls. Wait."),
      data: {
        code: "rate_limited",
        remedy: "Wait.",
        retry_after_ms: 250,
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    });
    expect(app.recorded.map(({ operation, status }) => [operation.name, status])).toEqual([
      ["complete", "ok"],
      ["complete", "rejected"],
      ["complete", "rejected"],
      ["complete", "error"],
    ]);
  });
});
