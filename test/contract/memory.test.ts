/** The contract on a store in memory: what it takes to be one, without a server, a file or a process. */
import { createMemoryStore } from "../support/memory-store.js";
import { vectorStoreContract } from "./vector-store.js";

vectorStoreContract("the store in memory", async () => {
  const store = createMemoryStore();
  return { store, dispose: () => store.close() };
});
