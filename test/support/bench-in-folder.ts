/** A bench and a folder of its own for each test. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { Bench } from "./fixtures.js";

interface Opened {
  readonly bench: Bench;
  readonly base: string;
}

/** @param use is handed both before each test; both are gone after it */
export function benchInFolder(name: string, use: (opened: Opened) => void, open = () => Bench.open()): void {
  let opened: Opened;
  beforeEach(async () => {
    opened = { bench: await open(), base: realpathSync(mkdtempSync(join(tmpdir(), `aura-${name}-`))) };
    use(opened);
  });
  afterEach(async () => {
    await opened.bench.close();
    rmSync(opened.base, { recursive: true, force: true });
  });
}
