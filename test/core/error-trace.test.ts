import { expect, it } from "vitest";
import { traceOf } from "#src/core/error-trace.js";
import { AppError, toAppError } from "#src/core/errors.js";

it("an error's trace has its kind, code and frames, its causes' too, and no word of any of them", () => {
  const inner = Object.assign(new TypeError("zebra\n    at zebra (zebra:1:1)\nzebra"), { code: "ERR_ZEBRAS" });
  const trace = traceOf(toAppError(inner));
  expect(trace).toMatchObject({ type: "AppError", code: "bug", cause: { type: "TypeError", code: "ERR_ZEBRAS" } });
  expect(trace.cause?.frames[0]).toMatch(/^at .*error-trace\.test/);
  expect(JSON.stringify(trace)).not.toContain("zebra");
});

it("what is no error, and words that were changed later, leave nothing to read", () => {
  const changed = new Error("zebra");
  expect(changed.stack).toContain("zebra"); // it is made when it is first read
  changed.message = "else";
  expect(traceOf("zebra")).toEqual({ type: "string", frames: [] });
  expect(traceOf(new AppError("bug", "", { remedy: "", cause: changed })).cause).toMatchObject({ frames: [] });
});
