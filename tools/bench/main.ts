/**
 * `npm run bench [-- --only <name>] [--quick] [--json <file>] [--compare <file>] [--document]`: every speed bar, against
 * a floor measured in the same run. Ends with 1 when a bar is missed, with 2 when it was called wrongly.
 * `--document` makes this run the reference in docs/.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { browsing } from "./browsing.js";
import { compareRuns } from "./compare.js";
import { ROOT } from "./corpus.js";
import { denseLeg } from "./dense-leg.js";
import { writeSection } from "./document.js";
import { everythingOn } from "./everything-on.js";
import { expansion } from "./expansion.js";
import { indexing } from "./indexing.js";
import { isMet, machine, type NotMeasured, type Result } from "./measure.js";
import { qdrant } from "./qdrant.js";
import { qdrantGrowth } from "./qdrant-growth.js";
import { queryEmbedding } from "./query-embedding.js";
import { type Run, report } from "./report.js";
import { rerank } from "./rerank.js";
import { retrieval } from "./retrieval.js";
import { scope } from "./scope.js";
import { startUp } from "./start-up.js";
import { unchanged } from "./unchanged.js";

const BENCHES: Readonly<Record<string, (quick: boolean) => Promise<readonly (Result | NotMeasured)[]>>> = {
  "query-embedding": queryEmbedding,
  indexing,
  "dense-leg": denseLeg,
  retrieval,
  scope,
  "everything-on": everythingOn,
  rerank,
  browsing,
  "start-up": startUp,
  unchanged,
  qdrant,
  expansion,
};

/** It takes longer than all the others together. */
const ON_REQUEST: typeof BENCHES = { "qdrant-growth": qdrantGrowth };
const ALL = { ...BENCHES, ...ON_REQUEST };

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    compare: { type: "string" },
    document: { type: "boolean", default: false },
  },
});
const chosen =
  values.only === undefined ? Object.entries(BENCHES) : Object.entries(ALL).filter(([name]) => name === values.only);
if (chosen.length === 0) fail(`No bench "${values.only}"; there are: ${Object.keys(ALL).join(", ")}.`);
if (values.document && (values.quick || values.only !== undefined)) fail("--document is for a whole run.");
// Read now: a wrong name should not be found out after minutes.
const earlier = values.compare === undefined ? undefined : (JSON.parse(readFileSync(values.compare, "utf8")) as Run);

const before = machine();
const results: (Result | NotMeasured)[] = [];
for (const [name, bench] of chosen) {
  process.stderr.write(`${name} …\n`);
  results.push(...(await bench(values.quick)));
}
const run: Run = { date: new Date().toISOString(), quick: values.quick, before, after: machine(), results };
process.stdout.write(report(run));
if (earlier !== undefined) process.stdout.write(`\n${compareRuns(earlier, run)}`);
for (const file of [
  values.json ?? join(ROOT, "dist/bench", `${run.date.replaceAll(":", "-")}.json`),
  ...(values.document ? [join(ROOT, "docs/performance.json")] : []),
]) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
  process.stderr.write(`Kept in ${file}\n`);
}
if (values.document) writeSection("bench", report(run));
process.exit(results.every((result) => "notMeasured" in result || isMet(result)) ? 0 : 1);

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
