import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { stop } from "../store/sqlite/processes.js";
import { vectorStoreContract } from "./vector-store.js";

describe.each([
  ["in memory", 64],
  ["in the file", 0],
])("vectors scanned %s", (_where, vectorMemoryMb) => {
  vectorStoreContract("the SQLite store", () => create(vectorMemoryMb));
});

async function stalled(folder: string) {
  const goOn = stop(folder);
  return async () => goOn();
}

async function create(vectorMemoryMb: number) {
  const folder = await mkdtemp(join(tmpdir(), "aura-store-"));
  const store = createSqliteStore({ folder: join(folder, "data"), vectorMemoryMb });
  const data = join(folder, "data");
  return {
    store,
    stall: process.platform === "linux" ? async () => stalled(data) : undefined,
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
