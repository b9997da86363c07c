import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { vectorStoreContract } from "./vector-store.js";

vectorStoreContract("the SQLite store", async () => {
  const folder = await mkdtemp(join(tmpdir(), "aura-store-"));
  const store = createSqliteStore({ folder: join(folder, "data") });
  return {
    store,
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
