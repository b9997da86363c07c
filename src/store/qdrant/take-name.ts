/**
 * A plain collection becomes an alias of the same name. There is no renaming: it is copied aside, deleted, and the alias
 * made at once. The book says what is under way, so that whoever finds the name free finishes it.
 */
import { AppError } from "../../core/errors.js";
import type { NameTaken } from "../../core/ports.js";
import { type Book, createIfAbsent } from "./book.js";
import { type PointId, pathOf, type QdrantPoint, type Requests } from "./requests.js";

/** Under way for one name. `copying`: the copy is worth nothing yet; `switching`: it is whole. */
export interface Conversion {
  readonly phase: "copying" | "switching";
  readonly target: string;
  readonly legacy: string;
}

const BATCH = 100;
/** Points compared with their copies, besides the count. */
const SAMPLE = 16;

interface Config {
  readonly payload_schema: Readonly<Record<string, { readonly data_type: string; readonly params?: object }>>;
  readonly config: { readonly params: Readonly<Record<string, unknown>>; readonly hnsw_config?: object };
}

/** @param catchUp brings the target in line with what was written meanwhile; called when the copy is whole */
export async function takeName(
  requests: Requests,
  book: Book,
  name: string,
  target: string,
  catchUp: () => Promise<void>,
): Promise<NameTaken> {
  await clearAway(requests, book, name);
  const legacy = `${name}_legacy_${new Date().toISOString().replace(/[-:]|\..*$/g, "")}`;
  await book.put("conversion", name, { phase: "copying", target, legacy } satisfies Conversion);
  await copyCollection(requests, name, legacy);
  await catchUp();
  await book.put("conversion", name, { phase: "switching", target, legacy } satisfies Conversion);
  const began = performance.now();
  await requests.once("drop", "DELETE", pathOf(name));
  await finishConversion(requests, book, name);
  return { legacy, gapMs: Math.round(performance.now() - began) };
}

/** Makes the alias of a conversion whose collection is gone. @returns whether there was one */
export async function finishConversion(requests: Requests, book: Book, name: string): Promise<boolean> {
  const conversion = await book.find<Conversion>("conversion", name);
  if (conversion?.phase !== "switching") return false;
  const actions = [{ create_alias: { collection_name: conversion.target, alias_name: name } }];
  // The same step by whoever comes first: a second time it changes nothing.
  await requests.post("switch", "/collections/aliases", { actions });
  await book.remove("conversion", name);
  return true;
}

/** What an earlier attempt left: its copy is not whole, or was made before it and stays. */
async function clearAway(requests: Requests, book: Book, name: string): Promise<void> {
  const earlier = await book.find<Conversion>("conversion", name);
  if (earlier === undefined) return;
  await requests.once("drop", "DELETE", pathOf(earlier.legacy));
  await book.remove("conversion", name);
}

/** With its vectors, payload and indexes, whatever they are. @throws AppError `store_down` when the copy is not equal */
async function copyCollection(requests: Requests, from: string, to: string): Promise<void> {
  const { config, payload_schema: indexes } = await requests.get<Config>("describe", pathOf(from));
  const given = Object.fromEntries(Object.entries(config.params).filter(([, value]) => value !== null));
  if ((await createIfAbsent(requests, to, given)) === "was there") throw copyFailed(to, "the name is taken");
  for (const [field_name, { data_type, params }] of Object.entries(indexes)) {
    const field_schema = params ?? data_type;
    await requests.put("index", `${pathOf(to)}/index?wait=true`, { field_name, field_schema });
  }
  const sample: QdrantPoint[] = [];
  let batch: QdrantPoint[] = [];
  const flush = async () => {
    const points = batch.map(({ id, payload, vector }) => JSON.stringify({ id, payload, vector }));
    batch = [];
    if (points.length > 0) await requests.upsert(to, points);
  };
  for await (const point of requests.scroll(from, { filter: {}, with_payload: true, with_vector: true })) {
    if (sample.length < SAMPLE) sample.push(point);
    batch.push(point);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  await assertEqual(requests, from, to, sample);
}

async function assertEqual(
  requests: Requests,
  from: string,
  to: string,
  sample: readonly QdrantPoint[],
): Promise<void> {
  const [there, here] = [await requests.count(from, {}), await requests.count(to, {})];
  if (there !== here) throw copyFailed(to, `it holds ${here} points instead of ${there}`);
  const copies = await requests.read(
    to,
    sample.map(({ id }) => id),
  );
  const byId = new Map<PointId, QdrantPoint>(copies.map((copy) => [copy.id, copy]));
  for (const { id, payload } of sample) {
    if (JSON.stringify(byId.get(id)?.payload) !== JSON.stringify(payload)) throw copyFailed(to, `point ${id} differs`);
  }
}

function copyFailed(legacy: string, why: string): AppError {
  return new AppError("store_down", `The copy ${legacy} is not whole: ${why}. Nothing was deleted.`, {
    remedy: "Stop what else writes to the collection, then run the same command again.",
  });
}
