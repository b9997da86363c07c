import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it } from "vitest";
import { createOperations } from "#src/api/index.js";
import type { App } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";
import { AppError } from "#src/core/errors.js";
import { bindOperation } from "#src/server/bind.js";
import { bindResources } from "#src/server/resources.js";

let client: Client;
afterEach(() => client.close());

/** A client of a server whose pipeline opens as told. */
async function connect(open: () => Promise<App>): Promise<void> {
  const server = new McpServer({ name: "test", version: "1" }, { capabilities: { tools: {}, resources: {} } });
  for (const operation of createOperations(loadConfig({}))) bindOperation(server, operation, open);
  bindResources(server, open);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  client = new Client({ name: "test", version: "1" });
  await Promise.all([server.connect(theirs), client.connect(ours)]);
}

describe("a pipeline that does not open", () => {
  it("is a tool's error with its code and remedy", async () => {
    await connect(() => Promise.reject(new AppError("config", "No folder.", { remedy: "Name another." })));
    expect(await client.callTool({ name: "health", arguments: {} })).toMatchObject({
      isError: true,
      structuredContent: {
        error: { code: "config", message: "No folder.", remedy: "Name another." },
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    });
  });

  it("is a bug when nobody foresaw it", async () => {
    await connect(() => Promise.reject(new Error("ENOTDIR: not a directory, mkdir")));
    expect(await client.callTool({ name: "health", arguments: {} })).toMatchObject({
      isError: true,
      structuredContent: { error: { code: "bug", remedy: expect.stringContaining("trace id") } },
    });
  });

  it("is a resource's error with its remedy", async () => {
    await connect(() => Promise.reject(new AppError("config", "No folder.", { remedy: "Name another." })));
    await expect(client.readResource({ uri: "aura://my_docs/a.md" })).rejects.toThrow("No folder. Name another.");
  });
});
