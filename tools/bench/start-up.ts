/** Spawn to the answer of `initialize`, against an empty server on the same SDK. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alternate, type Result } from "./measure.js";
import { connect, EMPTY_SERVER, SERVER } from "./server.js";

export async function startUp(quick: boolean): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "aura-bench-"));
  try {
    const times = await alternate(
      {
        subject: () => spawnToAnswer(SERVER, { RETRIEVAL_DATA_DIR: folder }),
        floor: () => spawnToAnswer(EMPTY_SERVER),
      },
      { rounds: quick ? 2 : 4, iterations: 8 },
    );
    return [
      {
        name: "spawn to initialize, p50",
        value: times.subject,
        floor: times.floor,
        unit: "ms",
        floorIs: "an empty server on the same SDK",
        bar: { sign: "≤", factor: 1.15 },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function spawnToAnswer(entry: string, settings?: Record<string, string>): Promise<number> {
  const start = performance.now();
  const server = await connect(entry, settings);
  const ms = performance.now() - start;
  await server.close();
  return ms;
}
