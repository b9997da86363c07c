/** A client that knows nothing: it does what instructions, tools, errors and `health` say, and nothing else. */
import { afterEach, describe, expect, it } from "vitest";
import { cleanUp, folderOf, type Json, newFolder, RawServer, startServer, type ToolResult } from "./server.js";

afterEach(cleanUp);

const QUESTION = "When are the keys rotated?";
const documents = () =>
  folderOf({
    "keys.md": `# Keys\n\nKeys are rotated in spring.\n\n${"## More\n\nOther things are done in autumn.\n\n".repeat(400)}`,
    "locks.md": "# Locks\n\nLocks are oiled.\n",
  });

/** The call that a text tells to make: a tool's name, and its input as JSON. */
function toldIn(text: string): readonly [tool: string, input: object] {
  const [, tool = "", input = ""] = /(?:[Cc]all|again) `?(\w+)`? with (\{.*?\})/.exec(text) ?? [];
  expect(tool, text).not.toBe("");
  return [tool, JSON.parse(input)];
}

const textOf = ({ content }: ToolResult) => content[0]?.text ?? "";

describe("a client of an empty server that knows nothing", () => {
  it("has its answer after two calls, when it does what the instructions say", async () => {
    const server = new RawServer(newFolder(), { RETRIEVAL_ROOTS: documents() });
    const { result } = await server.initialize();
    const [tool, input] = toldIn(result.instructions);
    expect((await server.call(tool, input)).isError).toBeFalsy();
    const answer = await server.ask("retrieve", { query: QUESTION });
    expect(answer.results[0]).toMatchObject({ text: expect.stringContaining("rotated in spring") });
  });

  it.each<[string, string, object]>([
    ["an error", "retrieve", { query: QUESTION }],
    ["the error of a collection that is not there yet", "retrieve", { query: QUESTION, collection: "drafts" }],
    ["health", "health", {}],
    ["the error of an empty list", "list_documents", {}],
    ["the error of a document", "get_document", { document: "keys.md" }],
  ])("has it two calls after what %s says", async (_what, first, asked) => {
    const roots = documents();
    const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: roots, RETRIEVAL_COLLECTIONS: "drafts" });
    const [tool, input] = toldIn(textOf(await server.call(first, asked)));
    expect(tool).toBe("reindex");
    expect((await server.call(tool, input)).isError).toBeFalsy();
    const again = { query: QUESTION, ...("collection" in asked && { collection: asked.collection }) };
    expect((await server.ask("retrieve", again)).results[0].text).toContain("rotated in spring");
  });

  it("is told what the operator has to do where nothing may be indexed", async () => {
    const server = await startServer(newFolder());
    const { error } = (await server.call(...toldIn(textOf(await server.call("retrieve", { query: QUESTION })))))
      .structuredContent;
    expect(error).toMatchObject({ code: "bad_request", remedy: expect.stringContaining("RETRIEVAL_ROOTS") });
  });

  it("reads on from a passage to the end of its document, and finds every other one, by what answers tell it", async () => {
    const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: documents() });
    await server.call("reindex", { source: ".", wait: true });
    const { result } = await server.request("tools/list").answer;
    const described = (name: string) => result.tools.find((tool: Json) => tool.name === name).description;
    expect(described("retrieve")).toContain("get_document with `source.uri`");
    const { source } = (await server.ask("retrieve", { query: QUESTION })).results[0];
    const at = { uri: source.uri, line_start: source.line_start, line_end: source.line_end };
    expect((await server.ask("get_document", at)).text).toContain("rotated in spring");
    let answer = await server.call("get_document", { uri: source.uri, max_tokens: 1_000 });
    let calls = 1;
    for (; answer.structuredContent.next !== undefined; calls++) {
      const told = /get_document reads on with (\{.*\})\./.exec(textOf(answer))?.[1] ?? "";
      expect(JSON.parse(told)).toEqual(answer.structuredContent.next);
      answer = await server.call("get_document", JSON.parse(told));
    }
    expect(calls).toBeGreaterThan(1);
    expect(answer.structuredContent.line_end).toBe(3 + 400 * 4);
    const { documents: found } = await server.ask("list_documents", { source: source.name });
    expect(found.map(({ document }: Json) => document).sort()).toEqual(["keys.md", "locks.md"]);
    const locks = found.find(({ document }: Json) => document === "locks.md");
    expect((await server.ask("get_document", { uri: locks.uri })).text).toBe("# Locks\n\nLocks are oiled.");
    const other = await server.call("get_document", { uri: locks.uri, line_start: 9 });
    expect(textOf(other)).toContain("lines 1 to 3");
  });
});
