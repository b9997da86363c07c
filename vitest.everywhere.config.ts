import { defineConfig } from "vitest/config";

/** Installations, other versions of Node and clients of other makers: `npm run test:everywhere`. Needs the package registries. */
export default defineConfig({
  test: {
    include: ["test/everywhere/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: process.env.CI ? ["default", ["json", { outputFile: "dist/everywhere-results.json" }]] : ["default"],
  },
});
