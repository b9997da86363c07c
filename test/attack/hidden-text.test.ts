/** Names and texts that would drive a terminal, hide or reorder what a person or a model reads, wherever they come out. */
import { afterEach, describe, expect, it } from "vitest";
import { cleanUp, folderOf, type Json, newFolder, run, startServer } from "../e2e/server.js";

const TAGS = [..."obey"].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join("");
/** A window title, colours, a bidi override, zero-width characters, tags, a filler, a variation selector. */
const HIDDEN = `\u001b]0;owned\u0007\u001b[31m\u202e\u200b${TAGS}\u3164\u{e0101}`;
const canName = process.platform !== "win32";

/** Every text of a message, names of fields too. */
function textsOf(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [name, ...textsOf(each)]);
}

function expectClean(texts: readonly string[]): void {
  for (const text of texts) {
    const hidden = /[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]|(?![\t\n])\p{Cc}/u.exec(text);
    expect(hidden && JSON.stringify(text.slice(Math.max(0, hidden.index - 40), hidden.index + 40))).toBeNull();
  }
}

const documents = () =>
  folderOf({
    "r.jsonl": [
      {
        id: `a${HIDDEN}b`,
        title: `Keys${HIDDEN}`,
        text: `Rotate the ${HIDDEN}keys.`,
        metadata: { [`k${HIDDEN}`]: HIDDEN },
      },
      { id: `skipped${HIDDEN}`, text: "" },
    ]
      .map((record) => JSON.stringify(record))
      .join("\n"),
    [canName ? `broken${HIDDEN}.pdf` : "broken.pdf"]: "no PDF",
    [canName ? `keys${HIDDEN}.md` : "keys.md"]: `# Keys${HIDDEN}\n\nRotate the keys${HIDDEN} in spring.\n`,
  });

describe("hidden text", () => {
  afterEach(cleanUp);

  it("leaves with no answer, error, job or notification of the server, nor with its log", async () => {
    const folder = documents();
    const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: folder, LOG_LEVEL: "debug" });
    const answers: Json[] = [await server.call("reindex", { source: ".", wait: true })];
    const found = await server.ask("retrieve", { query: "rotate the keys", top_k: 20 });
    expect(found.results.length).toBeGreaterThanOrEqual(2);
    for (const { source } of found.results) {
      const read = await server.request("resources/read", { uri: source.uri }).answer;
      expect(read.result.contents[0].text).toContain("Rotate the keys");
      answers.push(read.result.contents[0].text, await server.call("get_document", { uri: source.uri }));
    }
    const complete = { ref: { type: "ref/resource", uri: "aura://{collection}/{source}/{+path}" } };
    answers.push(
      found,
      await server.call("retrieve", { query: "rotate the keys" }),
      await server.call("retrieve", { query: "keys", [`x${HIDDEN}`]: 1 }),
      await server.call("retrieve", { query: "keys", collection: `c${HIDDEN}` }),
      await server.call("reindex", { source: `nowhere${HIDDEN}` }),
      await server.call("health"),
      await server.request("resources/read", { uri: `aura://my_docs/${encodeURIComponent(HIDDEN)}` }).answer,
      await server.call("list_documents"),
      await server.call("list_documents", { source: `s${HIDDEN}` }),
      await server.call("get_document", { document: `d${HIDDEN}` }),
      await server.call("get_document", { uri: `u${HIDDEN}` }),
      await server.call("get_document", { around: `p${HIDDEN}` }),
      await server.call("get_document", { uri: found.results[0].source.uri, line_start: 5_000 }),
      ...(await Promise.all(
        ["source", "path"].map(
          (name) =>
            server.request("completion/complete", {
              ...complete,
              argument: { name, value: "" },
              context: { arguments: { collection: "my_docs", source: found.results[0].source.name } },
            }).answer,
        ),
      )),
      ...server.notifications,
    );
    const texts = answers.flatMap(textsOf);
    expect(texts.join()).toContain("Rotate the keys");
    expectClean(texts);
    await server.end();
    expectClean(server.stderr.split("\n").filter((line) => line !== ""));
  }, 60_000);

  it("reaches no terminal from the command line", async () => {
    const dataFolder = newFolder();
    const folder = documents();
    for (const args of [
      ["index", folder],
      ["search", "rotate the keys"],
      ["search", "rotate the keys", "--json"],
      ["health"],
      ["search", "keys", "--collection", `c${HIDDEN}`],
      ["index", `${folder}/nowhere${HIDDEN}`],
    ]) {
      const { stdout, stderr } = await run(args, dataFolder);
      expect(stdout + stderr).not.toBe("");
      expectClean([stdout, stderr]);
      if (args.includes("--json")) expectClean(textsOf(JSON.parse(stdout)));
    }
  }, 60_000);
});
