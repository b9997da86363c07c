/**
 * A plain collection becomes an alias of the same name. There is no renaming: it is copied aside, deleted, and the alias
 * made at once. The book says what is under way, so that whoever finds the name free finishes it.
 */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { NameTaken, Naming } from "../../core/ledger.js";
import { fields, mapOf, name, object, oneOf, optional, stored, text } from "../shapes.js";
import { finish } from "../with-call.js";
import { changeAliases } from "./aliases.js";
import { BOOK, type Book, createIfAbsent } from "./book.js";
import { type PointId, pathOf, type QdrantPoint, type Requests, UNUSED } from "./requests.js";

/** Under way for one name. `copying`: the copy is worth nothing yet; `switching`: it is whole. */
export interface Conversion {
  readonly phase: "copying" | "switching";
  readonly target: string;
  readonly legacy: string;
}

const BATCH = 100;
/** Points compared with their copies, besides the count. */
const SAMPLE = 16;

/** In the book. */
export const CONVERSION = "conversion";
const ENTRY = fields<Conversion>({ phase: oneOf("copying", "switching"), target: name, legacy: name });
const CONFIG = fields({
  payload_schema: mapOf(fields({ data_type: text, params: optional(object) })),
  config: fields({ params: object }),
});

export function namingIn(requests: Requests, book: Book): Naming {
  async function find(call: Call, alias: string): Promise<Conversion | undefined> {
    const entry = await book.find(call, CONVERSION, alias);
    return entry === undefined ? undefined : stored(ENTRY, entry, BOOK);
  }

  function put(call: Call, alias: string, entry: Conversion): Promise<void> {
    return book.put(call, CONVERSION, { name: alias, entry });
  }

  /** What an earlier attempt left: its copy is not whole, or was made before it and stays. */
  async function clearAway(call: Call, alias: string): Promise<void> {
    const earlier = await find(call, alias);
    if (earlier === undefined) return;
    await requests.once(call, { operation: "drop", method: "DELETE", path: pathOf(earlier.legacy), ...UNUSED });
    await book.remove(call, CONVERSION, alias);
  }

  async function finishTaking(call: Call, alias: string): Promise<boolean> {
    const conversion = await find(call, alias);
    if (conversion?.phase !== "switching") return false;
    // The same step by whoever comes first: a second time it changes nothing.
    const action = { create_alias: { collection_name: conversion.target, alias_name: alias } };
    await changeAliases(call, requests, [action]);
    await book.remove(call, CONVERSION, alias);
    return true;
  }

  return {
    /** An abort leaves the collection as it was, up to the moment when it is deleted: what follows is done to the end. */
    async take(call, alias, target, { catchUp, ready }): Promise<NameTaken> {
      await clearAway(call, alias);
      const legacy = `${alias}_legacy_${new Date().toISOString().replace(/[-:]|\..*$/g, "")}`;
      await put(call, alias, { phase: "copying", target, legacy });
      await copyCollection(call, requests, alias, legacy);
      await catchUp();
      return await finish(
        call,
        "nobody is served under a name between its deletion and its alias",
        async (background) => {
          await put(background, alias, { phase: "switching", target, legacy });
          const began = performance.now();
          await requests.once(background, { operation: "drop", method: "DELETE", path: pathOf(alias), ...UNUSED });
          await finishTaking(background, alias);
          const gapMs = Math.round(performance.now() - began);
          await ready(background);
          return { legacy, gapMs };
        },
      );
    },
    finish: finishTaking,
  };
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
