import { expect, it } from "vitest";
import { once } from "#src/core/once.js";

it("what is made once is made once, however many ask before it is there", async () => {
  let made = 0;
  const get = once(async () => ++made);
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

it("what failed is made again for the next who asks, not for those who waited", async () => {
  let tries = 0;
  const get = once(async () => {
    if (++tries === 1) throw new Error("the first");
    return tries;
  });
  expect(await Promise.allSettled([get(), get()])).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
  expect(await get()).toBe(2);
});
