/** Jobs seen and ended by another process, and rollbacks that wait for none, on every store there is. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  longDocuments,
  newFolder,
  PATIENCE_MS,
  run,
  startCommand,
  startServer,
  stores,
  until,
} from "./server.js";

const LONG_MS = 3 * PATIENCE_MS;
const EXIT = { ok: 0, failed: 1, tryAgain: 75 };
const COMMAND_STARTS_MS = 4_000;
/** Enough to be told of before it ends. */
const MANY = longDocuments(600, "archive");
/** Never indexed to the end. */
const MORE = longDocuments(2_000, "archive");

afterEach(cleanUp);

describe.each(stores())("on %s", (_store, named) => {
  const fresh = () => {
    const data = newFolder();
    const settings = { ...named, QDRANT_COLLECTION: `jobs-${process.pid}-${Date.now()}` };
    const json = async (...args: string[]): Promise<{ code: number | null; value: Json }> => {
      const { code, stdout, stderr } = await run([...args, "--json"], data, settings);
      expect(stdout.trim().split("\n"), `${args.join(" ")}\n${stderr}`).toHaveLength(1);
      return { code, value: JSON.parse(stdout) };
    };
    const running = async (): Promise<Json> => {
      let job: Json;
      await until(async () => {
        [job] = (await json("jobs", "list")).value.jobs.filter(
          ({ state, chunks }: Json) => state === "running" && chunks > 0,
        );
        return job !== undefined;
      }, PATIENCE_MS);
      expect(job).toBeDefined();
      return job;
    };
    return { data, settings, json, running };
  };

  it(
    "a job of another process is listed, shown and cancelled, and its work goes on with the next run",
    async () => {
      const { data, settings, json, running } = fresh();
      const source = folderOf(MANY);
      const child = startCommand(["index", source, "--json"], data, settings);
      const exit = once(child, "exit");
      const { id, mode } = await running();
      expect(mode).toBe("incremental");
      // It stands still until it is told to end, however fast this machine is.
      child.kill("SIGSTOP");
      const cancelling = json("jobs", "cancel", id);
      await sleep(COMMAND_STARTS_MS);
      child.kill("SIGCONT");
      const cancelled = await cancelling;
      expect(cancelled).toMatchObject({ code: EXIT.ok, value: { job: { id, state: "cancelled" } } });
      expect((await exit)[0]).toBe(EXIT.failed);
      const again = await json("jobs", "cancel", id);
      expect(again).toMatchObject({ code: EXIT.tryAgain, value: { error: { code: "conflict" } } });
      for (const args of [
        ["show", "nothing"],
        ["cancel", "nothing"],
      ]) {
        expect(await json("jobs", ...args)).toMatchObject({
          code: EXIT.failed,
          value: { error: { code: "not_found" } },
        });
      }
      const next = (await json("index", source)).value.job;
      expect(next).toMatchObject({ state: "done", documents: { seen: 600 } });
      expect(next.documents.unchanged).toBeGreaterThan(0);
      const { stdout } = await run(["jobs"], data, settings);
      expect(stdout).toMatch(new RegExp(`^${next.id} +done `, "m"));
      expect(stdout).toMatch(new RegExp(`^${id} +cancelled `, "m"));
    },
    LONG_MS,
  );

  it(
    "a job whose process was killed is told as that, and goes on with the next run",
    async () => {
      const { data, settings, json, running } = fresh();
      const source = folderOf(MANY);
      const child = startCommand(["index", source], data, settings);
      const exit = once(child, "exit");
      const { id } = await running();
      child.kill("SIGKILL");
      await exit;
      const { job } = (await json("jobs", "show", id)).value;
      expect(job).toMatchObject({ state: "failed", error: { message: expect.stringMatching(/has ended/) } });
      expect((await json("jobs", "cancel", id)).value.error).toMatchObject({ code: "conflict" });
      expect((await json("index", source)).value.job.documents.unchanged).toBeGreaterThan(0);
    },
    LONG_MS,
  );

  it(
    "a server's job is ended by its own tool, and a rollback by hand waits for none",
    async () => {
      const { data, settings, json, running } = fresh();
      const first = (await json("index", folderOf({ "a.md": "# One\n\nThe first text.\n" }))).value.job.target;
      const second = (await json("index", folderOf({ "a.md": "# Two\n\nThe second text.\n" }), "--full")).value.job
        .target;
      const root = folderOf(MORE);
      const server = await startServer(data, { ...settings, RETRIEVAL_ROOTS: root });
      const { answer } = server.start("reindex", { source: root, mode: "full", wait: true });
      const { id } = await running();

      const { value } = await json("rollback");
      expect(value).toMatchObject({ from: second, to: first });
      expect(await server.ask("retrieve", { query: "text" })).toMatchObject({ collection: { name: first } });
      expect((await json("jobs", "show", id)).value.job).toMatchObject({ state: "running" });

      expect((await server.ask("reindex", { cancel: id })).job).toMatchObject({ id, state: "cancelled" });
      expect(await answer).toMatchObject({ isError: true });
      expect(await server.refuse("reindex", { cancel: id })).toMatchObject({ code: "conflict" });
      expect(await server.refuse("reindex", { cancel: "nothing" })).toMatchObject({ code: "not_found" });
      for (const input of [{}, { source: root, cancel: id }]) {
        expect(await server.refuse("reindex", input)).toMatchObject({ code: "bad_request" });
      }
      await server.end();
    },
    LONG_MS,
  );

  it(
    "a job of a collection that a server may not name is none that it can cancel",
    async () => {
      const { data, settings, running } = fresh();
      const child = startCommand(
        ["index", folderOf(MORE), "--collection", `${settings.QDRANT_COLLECTION}-b`],
        data,
        settings,
      );
      const exit = once(child, "exit");
      const { id } = await running();
      const server = await startServer(data, settings);
      expect(await server.refuse("reindex", { cancel: id })).toMatchObject({ code: "not_found" });
      expect(child.exitCode).toBeNull();
      child.kill("SIGKILL");
      await exit;
      await server.end();
    },
    LONG_MS,
  );
});
