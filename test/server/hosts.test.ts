import { describe, expect, it } from "vitest";
import { fedTo } from "#src/server/hosts.js";
import { okResult } from "#src/server/result.js";

describe("the part of an answer that a host hands to its model", () => {
  it.each([
    ["claude-code", "structured"],
    ["Visual Studio Code", "structured"],
    ["Visual Studio Code - Insiders", "structured"],
    ["codex-mcp-client", "structured"],
    ["claude-ai", "text"],
    ["gemini-cli-mcp-client-docs", "text"],
    ["somebody", "either"],
  ])("is known by its name: %s", (name, fed) => {
    expect(fedTo({ name, version: "1" }, "auto")).toBe(fed);
  });

  it("is the operator's to say", () => {
    expect(fedTo({ name: "claude-ai", version: "1" }, "structured")).toBe("structured");
    expect(fedTo(undefined, "text")).toBe("text");
    expect(fedTo(undefined, "auto")).toBe("either");
  });
});

describe("an answer in two parts", () => {
  const parts = (isEnough: boolean, fed: "structured" | "text" | "either") => {
    const brief = { value: { all: false }, text: "some", isEnough };
    const { content, structuredContent } = okResult({ value: { all: true }, text: "everything", brief }, fed);
    return [(content[0] as { text: string }).text, structuredContent];
  };

  it("has what is long where it is read", () => {
    for (const isEnough of [true, false]) {
      expect(parts(isEnough, "text")).toEqual(["everything", { all: false }]);
      expect(parts(isEnough, "structured")).toEqual(["some", { all: true }]);
    }
  });

  it("has it twice only where nobody knows, and the short text alone would leave a reader with nothing", () => {
    expect(parts(true, "either")).toEqual(["some", { all: true }]);
    expect(parts(false, "either")).toEqual(["everything", { all: true }]);
  });

  it("has all in both where there is nothing short to say", () => {
    const { content, structuredContent } = okResult({ value: { ok: true }, text: "ok" }, "text");
    expect([content, structuredContent]).toEqual([[{ type: "text", text: "ok" }], { ok: true }]);
  });
});
