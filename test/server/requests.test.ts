import { describe, expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import { connect, FakeApp } from "./connect.js";

describe("a pipeline that does not open", () => {
  it("is a tool's error with its code and remedy", async () => {
    const client = await connect(() =>
      Promise.reject(new AppError("config", "No folder.", { remedy: "Name another." })),
    );
    expect(await client.callTool({ name: "health", arguments: {} })).toMatchObject({
      isError: true,
      structuredContent: {
        error: { code: "config", message: "No folder.", remedy: "Name another." },
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    });
  });

  it("is a bug when nobody foresaw it", async () => {
    const client = await connect(() => Promise.reject(new Error("ENOTDIR: not a directory, mkdir")));
    expect(await client.callTool({ name: "health", arguments: {} })).toMatchObject({
      isError: true,
      structuredContent: { error: { code: "bug", remedy: expect.stringContaining("trace id") } },
    });
  });

  it("is a resource's error with its remedy", async () => {
    const client = await connect(() =>
      Promise.reject(new AppError("config", "No folder.", { remedy: "Name another." })),
    );
    await expect(client.readResource({ uri: "aura://my_docs/a.md" })).rejects.toThrow("No folder. Name another.");
  });

  it("is a completion's error with its remedy", async () => {
    const client = await connect(() =>
      Promise.reject(new AppError("config", "No folder.", { remedy: "Name another." })),
    );
    const argument = { name: "collection", value: "" };
    const ref = { type: "ref/resource", uri: "aura://{collection}/{source}/{+path}" } as const;
    await expect(client.complete({ ref, argument })).rejects.toThrow("No folder. Name another.");
  });
});

describe("a call of a tool", () => {
  it("is answered with both forms, and recorded with its client", async () => {
    const app = new FakeApp();
    const client = await connect(app.open);
    const result = await client.callTool({ name: "retrieve", arguments: { query: "" } });
    expect(result).toMatchObject({
      isError: true,
      content: [{ type: "text", text: expect.stringMatching(/^bad_request: Invalid input for retrieve: query: /) }],
      structuredContent: { error: { code: "bad_request" }, trace_id: app.recorded[0]?.call.trace.traceId },
    });
    expect(app.recorded).toMatchObject([{ status: "rejected", client: { name: "test", version: "1" } }]);
  });

  it("of the rate limit says when to come back", async () => {
    const app = new FakeApp();
    app.limit = 250;
    const result = await (await connect(app.open)).callTool({ name: "health", arguments: {} });
    expect(result.structuredContent).toMatchObject({ error: { code: "rate_limited", retry_after_ms: 250 } });
  });
});

it("a tool that is not there is refused with the names of those that are", async () => {
  const client = await connect(new FakeApp().open);
  await expect(client.callTool({ name: "search", arguments: {} })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringMatching(/retrieve, get_document, list_documents, reindex, health/),
  });
});
