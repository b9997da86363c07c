import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { vectorStoreContract } from "./vector-store.js";

describe.each([
  ["in memory", 64],
  ["in the file", 0],
])("vectors scanned %s", (_where, vectorMemoryMb) => {
  vectorStoreContract("the SQLite store", () => create(vectorMemoryMb));
});

async function create(vectorMemoryMb: number) {
  const folder = await mkdtemp(join(tmpdir(), "aura-store-"));
  const store = createSqliteStore({ folder: join(folder, "data"), vectorMemoryMb });
  return {
    store,
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
