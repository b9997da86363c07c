import { describe, expect, it } from "vitest";
import { createTools } from "#src/api/operations.js";
import { listed } from "#src/server/tool-list.js";

describe("a listed tool", () => {
  const tools = createTools({ queryMaxChars: 2_000, profileChoice: false }).map(listed);

  it.each(tools)("$name has one object for its input and one for its result or its error", (tool) => {
    expect(tool.inputSchema).toMatchObject({ type: "object" });
    expect(tool.outputSchema).toMatchObject({
      type: "object",
      properties: { error: { type: "object" }, trace_id: { type: "string" } },
      required: ["trace_id"],
      anyOf: [{ required: expect.arrayContaining(["trace_id"]) }, { required: ["error"] }],
    });
  });

  it.each(tools)("$name does not repeat the protocol's own dialect", (tool) => {
    expect(JSON.stringify(tool)).not.toContain("$schema");
  });
});
