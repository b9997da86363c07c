import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { loseRatherThanWait } from "#src/server/standard-streams.js";

/** Takes what is written when it is let. */
function slowStream() {
  const taken: string[] = [];
  let waiting: (() => void) | undefined;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      taken.push(String(chunk));
      waiting = done;
    },
  });
  const letGo = async () => {
    while (waiting !== undefined) {
      const next = waiting;
      waiting = undefined;
      next();
      await new Promise((done) => setImmediate(done));
    }
  };
  return { stream, taken, letGo };
}

it("a stream that is not read keeps a bounded part, and tells how much was lost when it is read again", async () => {
  const { stream, taken, letGo } = slowStream();
  loseRatherThanWait(stream as unknown as NodeJS.WriteStream);
  const called: unknown[] = [];
  for (let i = 0; i < 1_000; i++) stream.write(`${i} ${"x".repeat(1_000)}\n`, () => called.push(i));
  expect(stream.writableLength).toBeLessThan(300_000);
  await letGo();
  expect(called).toHaveLength(1_000); // whoever waits for a write waits for none that is lost
  const kept = taken.length - 1;
  expect(kept).toBeGreaterThan(200);
  expect(taken.at(-1)).toBe(`aura-retrieval: ${1_000 - kept} messages were lost here, because nobody read them.\n`);
  stream.write("next");
  await letGo();
  expect(taken.at(-1)).toBe("next");
});

it("a stream whose reader is gone ends nobody", async () => {
  const { stream } = slowStream();
  loseRatherThanWait(stream as unknown as NodeJS.WriteStream);
  stream.destroy(new Error("EPIPE"));
  await new Promise((done) => setImmediate(done));
  expect(stream.write("late")).toBe(false);
});
