/** Query expansion by synonyms, each time in a new process: a query, loading the lexicon, and its memory. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { ExpansionCost } from "./expansion-once.js";
import { median, type Result } from "./measure.js";

const floorIs = "a bar, not a floor";
const bar = { sign: "≤", factor: 1 } as const;

export async function expansion(quick: boolean): Promise<Result[]> {
  const script = join(import.meta.dirname, "expansion-once.js");
  const costs = Array.from(
    { length: quick ? 3 : 7 },
    () => JSON.parse(execFileSync(process.execPath, [script], { encoding: "utf8" })) as ExpansionCost,
  );
  const of = (name: keyof ExpansionCost) => median(costs.map((cost) => cost[name]));
  return [
    { name: "expansion by synonyms, p50", value: of("queryMs"), floor: 1, unit: "ms", floorIs, bar },
    { name: "lexicon loaded", value: of("loadMs"), floor: 100, unit: "ms", floorIs, bar },
    { name: "memory for it and 1,000 expanded queries", value: of("memoryMb"), floor: 40, unit: "MB", floorIs, bar },
  ];
}
