/** Two workspaces of one user, each with the README's own client block: one data folder, one collection. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  MAIN,
  newFolder,
  PATIENCE_MS,
  RawServer,
  type Settings,
  startServer,
  until,
} from "./server.js";

vi.setConfig({ testTimeout: 180_000 });
afterEach(cleanUp);

const QUESTION = { query: "launch code of the secret project on the roadmap" };
const ours = () => folderOf({ "notes/roadmap.md": "# Roadmap\n\nThe open project publishes its roadmap in spring.\n" });
const theirs = () =>
  folderOf({
    "notes/launch.md": "# Launch\n\nThe launch code of the secret project is tangerine.\n",
    "notes/again.md": "# Again\n\nThe launch code is tangerine, as was said.\n",
  });

const index = async (server: RawServer, source: string): Promise<Json> =>
  (await server.ask("reindex", { source, wait: true })).job;
const documentsOf = async (server: RawServer): Promise<string[]> =>
  (await server.ask("retrieve", QUESTION)).results.map(({ source }: Json) => source.document).sort();

/** All that a server's tools, resources and completions say to who wants to know. */
async function everythingSaidBy(server: RawServer, uri: string): Promise<string> {
  const ref = { type: "ref/resource", uri: "aura://{collection}/{source}/{+path}" };
  const complete = async (name: string, chosen: object): Promise<string[]> => {
    const context = { arguments: { collection: "my_docs", ...chosen } };
    const asked = { ref, argument: { name, value: "" }, context };
    return (await server.request("completion/complete", asked).answer).result.completion.values;
  };
  const sources = await complete("source", {});
  const another = uri.replace("launch", "again");
  const said = [
    await server.call("retrieve", { ...QUESTION, explain: true }),
    await server.call("retrieve", { query: "said", mode: "lexical" }),
    await server.call("list_documents"),
    await server.call("get_document", { uri: another }),
    await server.call("health"),
    await server.call("reindex", { source: "collection:my_docs", dry_run: true }),
    sources,
    await Promise.all(sources.map((source) => complete("path", { source }))),
    await server.request("resources/read", { uri: another }).answer,
  ];
  return JSON.stringify(said).replaceAll(QUESTION.query, "").replaceAll(another, "");
}

describe("two workspaces", () => {
  it("never see each other, through any tool, resource or completion, until RETRIEVAL_SCOPE opens it", async () => {
    const [mine, other, data] = [ours(), theirs(), newFolder()];
    const they = await startServer(data, { RETRIEVAL_ROOTS: other });
    const we = await startServer(data, { RETRIEVAL_ROOTS: mine });
    const theirJob = await index(they, other);
    const [passage] = (await they.ask("retrieve", QUESTION)).results;
    expect(passage.text).toContain("tangerine");

    const nothing = await we.ask("retrieve", QUESTION);
    expect(nothing).toMatchObject({ results: [], empty_reason: "out_of_scope", collection: { points: 0 } });
    const job = await index(we, mine);
    expect(job).toMatchObject({ documents: { seen: 1, added: 1, total: 1 }, points: 1 });
    expect(await documentsOf(we)).toEqual(["notes/roadmap.md"]);
    expect(await documentsOf(they)).toEqual(["notes/again.md", "notes/launch.md"]);

    const said = await everythingSaidBy(we, passage.source.uri);
    for (const word of ["tangerine", "launch.md", "again.md", other, pathToFileURL(other).href, theirJob.id]) {
      expect(said).not.toContain(word);
    }
    expect(said).toContain("roadmap.md");
    const { collections, jobs } = await we.ask("health");
    expect(collections).toMatchObject([{ alias: "my_docs", serving: true, points: 1, documents: 1 }]);
    expect(jobs.map(({ id }: Json) => id)).toEqual([job.id]);

    const open = await startServer(data, { RETRIEVAL_ROOTS: mine, RETRIEVAL_SCOPE: "all" });
    expect(await documentsOf(open)).toEqual(["notes/again.md", "notes/launch.md", "notes/roadmap.md"]);
    expect((await open.ask("health")).jobs).toHaveLength(2);
  });

  it.skipIf(process.platform === "win32")("see what the settings in force name, from the next call on", async () => {
    const [mine, other, data] = [ours(), theirs(), newFolder()];
    const file = join(newFolder(), "settings.env");
    const write = (settings: Settings) =>
      writeFileSync(
        file,
        Object.entries(settings)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(""),
      );
    const roots = (...folders: string[]) => ({ RETRIEVAL_ROOTS: folders.join(":") });
    write(roots(mine, other));
    const program = { command: process.execPath, args: [MAIN, "--env-file", file, "serve"] };
    const server = new RawServer(data, {}, program);
    await server.initialize();
    for (const folder of [mine, other]) await index(server, folder);
    expect(await documentsOf(server)).toHaveLength(3);
    const sees = (count: number) => until(async () => (await documentsOf(server)).length === count, PATIENCE_MS);
    write(roots(mine));
    expect(await sees(1)).toBe(true);
    write({ ...roots(mine), RETRIEVAL_SCOPE: "all" });
    expect(await sees(3)).toBe(true);
    write(roots(other));
    expect(await sees(2)).toBe(true);
  });
});
