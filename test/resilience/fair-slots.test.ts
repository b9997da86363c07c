import { setMaxListeners } from "node:events";
import { expect, it } from "vitest";
import { cancelledError } from "#src/core/errors.js";
import { FairSlots } from "#src/resilience/fair-slots.js";

const LIMITS = { size: 1, waitingOfOne: 4, waitingInAll: 6 };
const { signal } = new AbortController();
setMaxListeners(0, signal);
const waiting = { signal, deadline: undefined };
const settled = () => new Promise((done) => setImmediate(done));

/** Callers in the order of their turns, each of which gives its place back at once. */
async function order(slots: FairSlots, callers: readonly string[]): Promise<string[]> {
  const turns: string[] = [];
  const first = await slots.take("first", waiting);
  const taking = callers.map(async (caller) => {
    const giveBack = await slots.take(caller, waiting);
    turns.push(caller);
    giveBack();
  });
  await settled();
  first();
  await Promise.all(taking);
  return turns;
}

it("callers have their turns one after the other, however many calls one has", async () => {
  const slots = new FairSlots(LIMITS);
  expect(await order(slots, ["a", "a", "a", "a", "b", "c"])).toEqual(["a", "b", "c", "a", "a", "a"]);
  expect(await order(slots, ["b", "a", "b", "a"])).toEqual(["b", "a", "b", "a"]);
});

it("as many work at once as there are places, and every place comes back", async () => {
  const slots = new FairSlots({ size: 3, waitingOfOne: 100, waitingInAll: 100 });
  let working = 0;
  let most = 0;
  const work = async () => {
    const giveBack = await slots.take("a", waiting);
    most = Math.max(most, ++working);
    await settled();
    working--;
    giveBack();
  };
  await Promise.all(Array.from({ length: 50 }, work));
  expect(most).toBe(3);
  const free = await Promise.all([1, 2, 3].map(() => slots.take("a", waiting)));
  expect(free).toHaveLength(3);
});

it("who would wait behind too many, of its own or of all, is refused at once with when to come back", async () => {
  const slots = new FairSlots(LIMITS);
  await slots.take("a", waiting);
  const take = (caller: string) => slots.take(caller, waiting);
  const refused = { code: "overloaded", retryAfterMs: expect.any(Number) };
  for (let i = 0; i < 4; i++) void take("a");
  await expect(take("a")).rejects.toMatchObject(refused);
  for (let i = 0; i < 2; i++) void take("b");
  await expect(take("c")).rejects.toMatchObject(refused);
});

it("who would wait past its deadline is refused at once", async () => {
  const slots = new FairSlots(LIMITS);
  await slots.take("a", waiting);
  const soon = { ...waiting, deadline: performance.now() + 5 };
  await expect(slots.take("b", soon)).rejects.toMatchObject({ code: "overloaded" });
});

it("who leaves while it waits holds up nobody, and takes no place", async () => {
  const slots = new FairSlots(LIMITS);
  const giveBack = await slots.take("a", waiting);
  const leaving = new AbortController();
  const left = slots.take("b", { ...waiting, signal: leaving.signal });
  const next = slots.take("c", waiting);
  leaving.abort(cancelledError());
  await expect(left).rejects.toMatchObject({ code: "cancelled" });
  giveBack();
  (await next)();
  (await slots.take("d", waiting))();
  await expect(slots.take("e", { ...waiting, signal: leaving.signal })).rejects.toMatchObject({ code: "cancelled" });
});
