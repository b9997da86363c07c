/**
 * A plain collection becomes an alias of the same name. There is no renaming: it is copied aside, deleted, and the alias
 * made at once. The book says what is under way, so that whoever finds the name free finishes it.
 */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { NameTaken } from "../../core/ports.js";
import { finish } from "../with-call.js";
import { type Book, createIfAbsent, type Kind } from "./book.js";
import { type PointId, pathOf, type QdrantPoint, type Requests, UNUSED } from "./requests.js";
import { fields, mapOf, name, object, oneOf, optional, text } from "./shapes.js";

/** Under way for one name. `copying`: the copy is worth nothing yet; `switching`: it is whole. */
export interface Conversion {
  readonly phase: "copying" | "switching";
  readonly target: string;
  readonly legacy: string;
}

const BATCH = 100;
/** Points compared with their copies, besides the count. */
const SAMPLE = 16;

export const CONVERSIONS: Kind<Conversion> = {
  name: "conversion",
  entry: fields<Conversion>({ phase: oneOf("copying", "switching"), target: name, legacy: name }),
};
const CONFIG = fields({
  payload_schema: mapOf(fields({ data_type: text, params: optional(object) })),
  config: fields({ params: object }),
});

interface Taking {
  readonly name: string;
  readonly target: string;
  /** Brings the target in line with what was written meanwhile; called when the copy is whole. */
  catchUp(): Promise<void>;
  /** Called when the alias is made. */
  switched(call: Call): Promise<void>;
}

/** An abort leaves the collection as it was, up to the moment when it is deleted: what follows is done to the end. */
export async function takeName(
  call: Call,
  requests: Requests,
  book: Book,
  { name, target, catchUp, switched }: Taking,
): Promise<NameTaken> {
  await clearAway(call, requests, book, name);
  const legacy = `${name}_legacy_${new Date().toISOString().replace(/[-:]|\..*$/g, "")}`;
  await book.put(call, CONVERSIONS, name, { phase: "copying", target, legacy });
  await copyCollection(call, requests, name, legacy);
  await catchUp();
  return await finish(call, "nobody is served under a name between its deletion and its alias", async (background) => {
    await book.put(background, CONVERSIONS, name, { phase: "switching", target, legacy });
    const began = performance.now();
    await requests.once(background, { operation: "drop", method: "DELETE", path: pathOf(name), ...UNUSED });
    await finishConversion(background, requests, book, name);
    const gapMs = Math.round(performance.now() - began);
    await switched(background);
    return { legacy, gapMs };
  });
}

/** Makes the alias of a conversion whose collection is gone. @returns whether there was one */
export async function finishConversion(call: Call, requests: Requests, book: Book, name: string): Promise<boolean> {
  const conversion = await book.find(call, CONVERSIONS, name);
  if (conversion?.phase !== "switching") return false;
  const actions = [{ create_alias: { collection_name: conversion.target, alias_name: name } }];
  // The same step by whoever comes first: a second time it changes nothing.
  const path = "/collections/aliases";
  await requests.send(call, { operation: "switch", method: "POST", path, body: { actions }, ...UNUSED });
  await book.remove(call, CONVERSIONS, name);
  return true;
}

/** What an earlier attempt left: its copy is not whole, or was made before it and stays. */
async function clearAway(call: Call, requests: Requests, book: Book, name: string): Promise<void> {
  const earlier = await book.find(call, CONVERSIONS, name);
  if (earlier === undefined) return;
  await requests.once(call, { operation: "drop", method: "DELETE", path: pathOf(earlier.legacy), ...UNUSED });
  await book.remove(call, CONVERSIONS, name);
}

/** With its vectors, payload and indexes, whatever they are. @throws AppError `store_down` when the copy is not equal */
async function copyCollection(call: Call, requests: Requests, from: string, to: string): Promise<void> {
  const description = { operation: "describe", method: "GET", path: pathOf(from), result: CONFIG } as const;
  const { config, payload_schema: indexes } = await requests.send(call, description);
  const given = Object.fromEntries(Object.entries(config.params).filter(([, value]) => value !== null));
  if ((await createIfAbsent(call, requests, to, given)) === "was there") throw copyFailed(to, "the name is taken");
  for (const [field_name, { data_type, params }] of Object.entries(indexes)) {
    await requests.index(call, to, { field_name, field_schema: params ?? data_type });
  }
  const sample: QdrantPoint[] = [];
  let batch: QdrantPoint[] = [];
  const flush = async () => {
    const points = batch.map(({ id, payload, vector }) => JSON.stringify({ id, payload, vector }));
    batch = [];
    if (points.length > 0) await requests.upsert(call, to, points);
  };
  for await (const point of requests.scroll(call, from, { filter: {}, with_payload: true, with_vector: true })) {
    if (sample.length < SAMPLE) sample.push(point);
    batch.push(point);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  await assertEqual(call, requests, { from, to, sample });
}

async function assertEqual(
  call: Call,
  requests: Requests,
  { from, to, sample }: { readonly from: string; readonly to: string; readonly sample: readonly QdrantPoint[] },
): Promise<void> {
  const [there, here] = [await requests.count(call, from, {}), await requests.count(call, to, {})];
  if (there !== here) throw copyFailed(to, `it holds ${here} points instead of ${there}`);
  const copies = await requests.read(
    call,
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
