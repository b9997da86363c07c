/** Words of callers in every input there is, accepted or refused: the span file and the log hold none of them. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { cleanUp, folderOf, newFolder, onCleanUp, RawServer, readSpans, run } from "../e2e/server.js";

afterEach(cleanUp);

const WORD = "quetzalcoatl";
const SETTINGS = { LOG_LEVEL: "debug", RETRIEVAL_COLLECTIONS: "my_docs,known", RETRIEVAL_PROFILE_CHOICE: "1" };

/** Of every kind, for any field. */
const VALUES = [
  WORD,
  `${WORD} `.repeat(2_000),
  `collection:${WORD}`,
  `/tmp/${WORD}/notes.md`,
  `../${WORD}`,
  `${WORD}\u0000`,
  [WORD],
  { [WORD]: WORD },
  [[{ [WORD]: [WORD] }]],
] as const;
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  retrieve: [
    ...["query", "top_k", "collection", "filter", "min_score", "mode", "rerank", "expand", "max_tokens", "detail"],
    ...["explain", "profile", WORD],
  ],
  get_document: [
    ...["uri", "source", "document", "collection", "line_start", "line_end", "around", "lines", "passages"],
    ...["max_tokens", WORD],
  ],
  list_documents: ["collection", "source", "prefix", "cursor", WORD],
  reindex: ["source", "collection", "mode", "dry_run", "wait", WORD],
  health: [WORD],
};

function spansOf(dataFolder: string): string {
  return readFileSync(join(dataFolder, "logs/mcp_tool_spans.jsonl"), "utf8");
}

it("whatever a client writes, and wherever, is in neither", async () => {
  const documents = folderOf({ [`${WORD}/${WORD}.md`]: `# ${WORD}\n\nThe ${WORD} is a feathered serpent.\n` });
  const data = newFolder();
  const server = new RawServer(data, { ...SETTINGS, RETRIEVAL_ROOTS: documents });
  await server.initialize();
  const source = join(documents, WORD);
  await server.ask("reindex", { source, wait: true });
  const found = await server.ask("retrieve", { query: WORD, filter: { [WORD]: WORD, path: WORD }, mode: "lexical" });
  expect(found.results).toEqual([]);
  const [{ source: hit }] = (await server.ask("retrieve", { query: WORD })).results;
  const calls = Object.entries(FIELDS).flatMap(([tool, fields]) =>
    fields.flatMap((field) => VALUES.map((value) => [tool, { query: "x", source, dry_run: true, [field]: value }])),
  ) as [string, object][];
  const uris = [hit.uri, `aura://my_docs/${WORD}`, `aura://${WORD}/${WORD}`, `${WORD}://x`, WORD];
  const answers = [
    ...calls.map(([tool, input]) => server.request("tools/call", { name: tool, arguments: only(tool, input) })),
    ...VALUES.map((value) => server.request("tools/call", { name: "retrieve", arguments: value })),
    ...VALUES.map((value) => server.request("tools/call", { name: value })),
    ...VALUES.map((value) => server.request("tools/call", { name: "health", _meta: { traceparent: value } })),
    ...uris.map((uri) => server.request("resources/read", { uri })),
    ...["collection", "source", "path", WORD].map((name) =>
      server.request("completion/complete", {
        ref: { type: "ref/resource", uri: "aura://{collection}/{source}/{+path}" },
        argument: { name, value: WORD },
        context: { arguments: { collection: WORD, source: WORD } },
      }),
    ),
    server.request("completion/complete", { ref: { type: "ref/prompt", name: WORD }, argument: {} }),
    server.request("prompts/get", { name: WORD }),
    server.request(WORD, { [WORD]: WORD }),
  ];
  server.notify(WORD, { [WORD]: WORD });
  server.process.stdin?.write(`{"${WORD}": \n["${WORD}"]\n{"jsonrpc":"2.0","id":{"a":"${WORD}"},"method":"ping"}\n`);
  await Promise.all(answers.map(({ answer }) => answer));
  await server.end();
  expect(readSpans(data).length).toBeGreaterThan(100);
  expect(server.stderr).toContain("protocol: ");
  expect(spansOf(data)).not.toContain(WORD);
  expect(server.stderr).not.toContain(WORD);
});

/** What the tool itself knows, and what is planted. */
function only(tool: string, input: object): object {
  const known = [...(FIELDS[tool] as readonly string[]), WORD];
  return Object.fromEntries(Object.entries(input).filter(([field]) => known.includes(field)));
}

it("a store that quotes a request in its refusal is logged as a fault of the program, without what it says", async () => {
  const quoting = createServer((request, response) => {
    const isGreeting = request.url === "/";
    const body = isGreeting ? { version: "1.18.3" } : { status: { error: `cannot read "${WORD}"` } };
    response.writeHead(isGreeting ? 200 : 400, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(quoting, "listening");
  onCleanUp(() => {
    quoting.closeAllConnections();
    quoting.close();
  });
  const data = newFolder();
  const url = `http://127.0.0.1:${(quoting.address() as AddressInfo).port}`;
  const server = new RawServer(data, { ...SETTINGS, QDRANT_URL: url });
  await server.initialize();
  const refused = await server.refuse("retrieve", { query: WORD });
  await server.end();
  expect(refused.code).toBe("bug");
  expect(server.stderr).toContain("a call ended with a bug");
  expect(server.stderr + spansOf(data)).not.toContain(WORD);
});

it("what is typed at the command line is in no span", async () => {
  const documents = folderOf({ [`${WORD}.md`]: `# ${WORD}\n\nThe ${WORD} is a feathered serpent.\n` });
  const data = newFolder();
  const commands = [
    ["index", documents],
    ["index", join(documents, WORD)],
    ["index", documents, "--collection", WORD],
    ["search", WORD],
    ["search", "x", "--collection", WORD, "--filter", `${WORD}=${WORD}`],
    ["search", "x", "--mode", WORD],
    ["collections", "show", WORD],
    ["rollback", WORD],
    ["snapshot", "restore", WORD],
    ["models", "pull", WORD],
  ];
  for (const command of commands) await run(command, data, SETTINGS);
  expect(readSpans(data).map(({ tool }) => tool)).toEqual(expect.arrayContaining(["reindex", "retrieve"]));
  expect(spansOf(data)).not.toContain(WORD);
});
