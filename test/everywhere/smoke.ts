/** The main job through any way of starting the server: index a small folder, ask, look at its health, leave. */
import { expect } from "vitest";
import {
  descendants,
  folderOf,
  isAlive,
  newFolder,
  type Program,
  RawServer,
  REAL_MODEL,
  until,
} from "../e2e/server.js";

export const DOCUMENTS = {
  "keys.md": "# Rotating keys\n\nReplace every signing key after ninety days. The old one stays valid for a week.\n",
  "bread.md": "# Sourdough\n\nFeed the starter with flour and water, and bake when the dough has doubled.\n",
};
export const QUESTION = "How often must credentials be exchanged?";

export async function smoke(program: Program): Promise<void> {
  const documents = folderOf(DOCUMENTS);
  const server = new RawServer(newFolder(), { ...REAL_MODEL, RETRIEVAL_ROOTS: documents }, program);
  await server.initialize();
  const { job } = await server.ask("reindex", { source: documents, wait: true });
  expect(job).toMatchObject({ state: "done", documents: { added: 2 }, vector_size: 384 });
  const answer = await server.ask("retrieve", { query: QUESTION });
  expect(answer.results[0].source.document).toBe("keys.md");
  expect(answer.degraded).toEqual([]);
  expect(await server.ask("health")).toMatchObject({
    status: "ok",
    embedder: { state: "ready", checksum_verified: true, canary: { ok: true } },
  });
  const children = descendants(server.pid);
  await server.end();
  expect((await server.exited).code).toBe(0);
  expect(await until(() => !children.some(isAlive), 10_000)).toBe(true);
  for (const line of server.stdoutLines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
}
