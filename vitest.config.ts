import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // These need the package registries and minutes: vitest.everywhere.config.ts.
    exclude: ["test/everywhere/**"],
    setupFiles: ["test/setup.ts"],
    pool: "forks",
    // The suites start processes of their own: more workers than this only fight for the cores.
    maxWorkers: 2,
    // A Qdrant for tests is one for all: suites that empty it cannot run beside others.
    fileParallelism: process.env.QDRANT_TEST_URL === undefined,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env.CI ? ["default", ["json", { outputFile: "dist/test-results.json" }]] : ["default"],
  },
});
