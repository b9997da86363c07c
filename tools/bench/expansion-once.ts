/** A process that has expanded nothing yet: prints what the lexicon costs it, and a query with it. */
import { createExpander } from "../../src/app/expander.js";
import { loadConfig } from "../../src/config/load.js";
import { CALL } from "./call.js";
import { Corpus } from "./corpus.js";
import { median, timed } from "./measure.js";

export interface ExpansionCost {
  readonly loadMs: number;
  /** Growth of resident memory, queries included. */
  readonly memoryMb: number;
  readonly queryMs: number;
}

const QUERIES = 1_000;
const corpus = new Corpus(3);
const queries = Array.from({ length: QUERIES }, () => corpus.query());
const expander = createExpander({ kind: "synonyms", maxVariants: 5 }, loadConfig({}).boot.packageRoot);
const before = process.memoryUsage().rss;
const loadMs = await timed(() => expander.warmUp(CALL));
const times: number[] = [];
for (const query of queries) times.push(await timed(() => expander.expand(CALL, query)));
const memoryMb = (process.memoryUsage().rss - before) / 1e6;
process.stdout.write(JSON.stringify({ loadMs, memoryMb, queryMs: median(times) } satisfies ExpansionCost));
