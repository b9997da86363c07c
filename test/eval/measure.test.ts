/** Questions side by side, over a retriever made by hand. */
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import type { App, Retrieved } from "#src/app/app.js";
import { measure } from "#src/eval/measure.js";
import { passFor, testCall } from "../support/call.js";
import { testProfile } from "../support/profile.js";
import { dataset, question } from "./fixtures.js";

const QUESTIONS = Array.from({ length: 20 }, (_, i) => question(`q${i}`));

/** @param failing texts of questions that fail; the others take a while */
function stub(failing: readonly string[]) {
  const seen = { begun: 0, running: 0 };
  const retrieve = async (_call: unknown, { query }: { readonly query: string }) => {
    seen.begun++;
    if (failing.includes(query)) throw new Error(`failed: ${query}`);
    seen.running++;
    await wait(10);
    seen.running--;
    return { passages: [], collection: { name: "docs_1", points: 1 } } as unknown as Retrieved;
  };
  return { seen, retrieve: retrieve as App["retrieve"] };
}

function measured(retrieve: App["retrieve"], offTopic: readonly string[] = []) {
  return measure({
    app: { retrieve },
    remembering: { retrieve },
    call: testCall(),
    profile: testProfile(),
    collection: passFor("docs"),
    mode: undefined,
    dataset: dataset(QUESTIONS),
    offTopic,
    turn: 1,
    timed: 1,
    onQuestion: () => undefined,
  });
}

it.each([
  ["question", ["What is q4?", "What is q5?"], []],
  ["question without an answer", ["off 1"], ["off 0", "off 1", "off 2", "off 3", "off 4"]],
] as const)("asks nothing more once a %s failed, and ends when nothing is asked any more", async (_, failing, off) => {
  const { seen, retrieve } = stub(failing);
  await expect(measured(retrieve, off)).rejects.toThrow(`failed: ${failing[0]}`);
  const { begun } = seen;
  expect(seen.running).toBe(0);
  expect(begun).toBeLessThan(failing[0].startsWith("off") ? 26 : 12);
  await wait(60);
  expect(seen.begun).toBe(begun);
});
