/** `npm run bench [-- --only <name>] [--quick] [--json <file>]`: every speed bar, against a floor measured in the same run. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./corpus.js";
import { denseLeg } from "./dense-leg.js";
import { indexing } from "./indexing.js";
import { isMet, machine, type NotMeasured, type Result } from "./measure.js";
import { queryEmbedding } from "./query-embedding.js";
import { report } from "./report.js";
import { retrieval } from "./retrieval.js";
import { startUp } from "./start-up.js";
import { unchanged } from "./unchanged.js";

const BENCHES: Readonly<Record<string, (quick: boolean) => Promise<readonly (Result | NotMeasured)[]>>> = {
  "query-embedding": queryEmbedding,
  indexing,
  "dense-leg": denseLeg,
  retrieval,
  "start-up": startUp,
  unchanged,
};

const { values } = parseArgs({
  options: { only: { type: "string" }, quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const chosen = Object.entries(BENCHES).filter(([name]) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  process.stderr.write(`No bench "${values.only}"; there are: ${Object.keys(BENCHES).join(", ")}.\n`);
  process.exit(2);
}
const before = machine();
const results: (Result | NotMeasured)[] = [];
for (const [name, bench] of chosen) {
  process.stderr.write(`${name} …\n`);
  results.push(...(await bench(values.quick)));
}
const run = { date: new Date().toISOString(), quick: values.quick, before, after: machine(), results };
process.stdout.write(report(run));
const file = values.json ?? join(ROOT, "dist/bench", `${run.date.replaceAll(":", "-")}.json`);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
process.stderr.write(`Kept in ${file}\n`);
process.exit(results.every((result) => "notMeasured" in result || isMet(result)) ? 0 : 1);
