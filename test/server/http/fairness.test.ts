/** One caller with many calls, and another one with few. */
import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import type { App } from "#src/app/app.js";
import type { Call } from "#src/core/call.js";
import { FakeApp } from "../connect.js";
import { messagesIn, serve } from "./serve.js";
import { tokensFor } from "./tokens.js";

const PLACES = 2 * availableParallelism();
const WAITING_OF_ONE = 32;

const reading = (id: number) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "get_document", arguments: { uri: "aura://docs/files/a.md" } },
});

it("a flood of one caller is answered, refused or waits, and the other one is next", async () => {
  const began: string[] = [];
  const ends: (() => void)[] = [];
  const readDocument = ({ principal }: Call) => {
    began.push(principal.id);
    return new Promise<never>((_, fail) => {
      ends.push(() => fail(new Error("read")));
    });
  };
  const { tokensFile, ann, bob } = await tokensFor("ann", "bob");
  const app = new FakeApp();
  const parts = { readDocument } as unknown as Partial<App>;
  const { post } = await serve({ app, parts, http: { auth: "token", tokensFile } });
  const flood = Array.from({ length: PLACES + WAITING_OF_ONE + 10 }, (_, id) => post(reading(id), ann));
  await expect.poll(() => began.length).toBe(PLACES);
  await expect.poll(() => app.recorded.filter(({ errorCode }) => errorCode === "overloaded").length).toBe(10);
  const own = post(reading(1_000), bob);
  await new Promise((done) => setTimeout(done, 200));
  expect(began).toHaveLength(PLACES);
  ends[0]?.();
  ends[1]?.();
  await expect.poll(() => began.slice(PLACES).includes("bob")).toBe(true);
  const letAllGo = setInterval(() => ends.splice(0).map((end) => end()), 5);
  const answers = await Promise.all([...flood, own]);
  clearInterval(letAllGo);
  for (const answer of answers) expect(messagesIn(answer)).toMatchObject([{ result: { isError: true } }]);
  expect(app.recorded).toHaveLength(answers.length);
});
