import { describe, expect, it } from "vitest";
import { documentUri } from "#src/api/document/uri.js";
import { connect, FakeApp } from "./connect.js";

async function server() {
  const app = new FakeApp();
  const client = await connect(app.open);
  const read = async (uri: string) => (await client.readResource({ uri })).contents;
  return { app, read };
}

describe("a document as a resource", () => {
  it.each(["guide.md", "a folder/50% of it.md", "é/語.md", "..", "a/../b", "a//b/", "%2e%2e/a", "~/.", "a?b#c"])(
    "is its whole text, by the address of a passage: %s",
    async (name) => {
      const { app, read } = await server();
      app.collections.docs = { [name]: "All of it." };
      const uri = documentUri("docs", "files", name);
      expect(await read(uri)).toEqual([{ uri, mimeType: "text/plain", text: "All of it." }]);
      expect(app.recorded).toMatchObject([
        {
          operation: { name: "read_document" },
          status: "ok",
          input: { collection: "docs", document: `files/${name}` },
        },
      ]);
    },
  );

  it("is not found, whether it is gone, its collection is, or tools may not name that", async () => {
    const { app, read } = await server();
    app.collections.docs = {};
    app.collections.secret = { "plan.md": "secret" };
    const refusal = (uri: string) => read(uri).catch(({ code, message, data }) => ({ code, message, data }));
    expect(await refusal("aura://docs/plan.md")).toMatchObject({
      code: -32_602,
      message: expect.stringContaining("There is no document of that name"),
      data: { uri: "aura://docs/plan.md", code: "not_found", remedy: expect.stringContaining("source.uri") },
    });
    const told = async (collection: string) => {
      const { data, ...rest } = (await refusal(`aura://${collection}/plan.md`)) as { data: object };
      return JSON.stringify({ ...rest, data: { ...data, trace_id: "" } }).replaceAll(collection, "X");
    };
    expect(await told("secret")).toBe(await told("absent"));
    expect(app.recorded.map(({ status, errorCode }) => [status, errorCode])).toEqual(
      Array.from({ length: 3 }, () => ["error", "not_found"]),
    );
  });

  it("is limited and checked like a tool's call", async () => {
    const { app, read } = await server();
    await expect(read("aura://docs/a%00b")).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining("NUL"),
    });
    app.limit = 250;
    const refused = await read("aura://docs/guide.md").catch((error) => error);
    expect(refused).toMatchObject({
      code: -32_603,
      message: expect.stringContaining("Too many calls. Wait."),
      data: {
        uri: "aura://docs/guide.md",
        code: "rate_limited",
        remedy: "Wait.",
        retry_after_ms: 250,
        runbook: "docs/runbook.md#rate_limited",
        trace_id: app.recorded[1]?.call.trace.traceId,
      },
    });
    expect(app.recorded.map(({ status }) => status)).toEqual(["rejected", "error"]);
  });
});
