/** A child for the tests: says what it did, in the order it did it. */
import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "#src/core/errors.js";
import { serve } from "#src/process/serve.js";

const [log] = process.argv.slice(2);
const note = (line) => appendFileSync(log, `${line}\n`);

serve(
  {
    echo(value) {
      note(`echo ${typeof value === "object" ? "an object" : JSON.stringify(value)}`);
      return value;
    },
    /** Works without ever giving messages a turn. */
    busy({ name }) {
      note(`busy ${name}`);
      return name;
    },
    parts({ count }, job) {
      for (let i = 0; i < count; i++) job.part(i);
      return "all";
    },
    /** Works in `steps` units, breathing between them. */
    async work({ name, steps }, job) {
      note(`begin ${name}`);
      for (let i = 0; i < steps; i++) {
        await wait(10);
        await job.breathe();
      }
      note(`end ${name}`);
      return name;
    },
    /** Cannot be interrupted, as native code. */
    async block({ ms }) {
      note("begin block");
      await wait(ms);
      note("end block");
      return "done";
    },
    /** Leaves the work to another thread. */
    async elsewhere({ ms }, job) {
      note("begin elsewhere");
      await job.during(wait(ms));
      return "done";
    },
    hang() {
      note("begin hang");
      return wait(600_000);
    },
    fail() {
      throw new AppError("overloaded", "too much", { remedy: "wait", retryAfterMs: 7 });
    },
    crash: () => process.exit(3),
    throwString() {
      throw "a string";
    },
  },
  () => note("closed"),
);
