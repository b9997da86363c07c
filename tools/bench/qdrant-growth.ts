/** What a warm call asks of a Qdrant, of 20,000 and of a million passages on the same server. */
import type { Leg } from "../../src/core/types.js";
import { CALL } from "./call.js";
import { Corpus } from "./corpus.js";
import { fillStore, passOf } from "./fill.js";
import { alternate, type NotMeasured, type Result, timed } from "./measure.js";
import { benchServer, settle, storeAt } from "./qdrant-server.js";

const DIMENSION = 384;
const QUERIES = 64;
const CANDIDATES = 100;
const FEW = 20_000;
/** An index of a million vectors is built by two cores in half an hour. */
const SETTLE_MS = 3_600_000;

export async function qdrantGrowth(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const many = quick ? 100_000 : 1_000_000;
  const [fewNamed, manyNamed] = [FEW, many].map((passages) => passages.toLocaleString("en"));
  const name = `Qdrant: version, two legs and passages of a warm call at ${manyNamed}, p50`;
  const server = await benchServer();
  if ("notMeasured" in server) return [{ name, ...server }];
  const times = await atSizes(server.url, { few: FEW, many }, quick);
  const bar = { sign: "≤", factor: 1.3 } as const;
  return [{ name, value: times.many, floor: times.few, unit: "ms", floorIs: `the same at ${fewNamed}`, bar }];
}

async function atSizes<Size extends string>(
  url: string,
  sizes: Readonly<Record<Size, number>>,
  quick: boolean,
): Promise<Record<Size, number>> {
  const store = storeAt(url);
  const names = Object.keys(sizes) as Size[];
  const dropAll = () => Promise.all(names.map((alias) => store.drop(CALL, versionOf(alias), { serving: true })));
  try {
    await dropAll();
    for (const alias of names) {
      const documents = new Corpus(2).documents(sizes[alias], DIMENSION);
      await fillStore(store, documents, DIMENSION, { alias, collection: versionOf(alias) });
    }
    for (const alias of names) await settle(url, versionOf(alias), SETTLE_MS);
    const corpus = new Corpus(6);
    const queries = Array.from({ length: QUERIES }, () => corpus.legs(DIMENSION));
    const ask = async (alias: Size, i: number) => {
      const version = await store.describe(CALL, passOf(alias), { lately: true });
      if (version === undefined) throw new Error(`nothing serves ${alias}`);
      const legs = queries[i % QUERIES] as Leg[];
      const candidates = await store.search(CALL, version.name, legs, { limit: CANDIDATES });
      const ids = candidates.map(({ id }) => id);
      await store.read(CALL, version.name, ids, { tokens: true });
    };
    const subjects = names.map((alias) => [alias, (i: number) => timed(() => ask(alias, i))]);
    return await alternate(Object.fromEntries(subjects), { rounds: quick ? 3 : 7, iterations: QUERIES });
  } finally {
    await dropAll();
    await store.close();
  }
}

const versionOf = (alias: string) => `${alias}-1`;
