import { expect, it } from "vitest";
import { EXIT, exitCodeOf } from "#src/cli/exit-codes.js";
import { ERROR_CODES } from "#src/core/errors.js";

it("tells a wrong call, a wrong setting, what passes and what is down from each other, for every error", () => {
  for (const code of ERROR_CODES) expect(Object.values<number>(EXIT)).toContain(exitCodeOf(code));
  expect(ERROR_CODES.filter((code) => exitCodeOf(code) === EXIT.ok)).toEqual([]);
  expect([exitCodeOf("bad_request"), exitCodeOf("config"), exitCodeOf("conflict"), exitCodeOf("store_down")]).toEqual([
    EXIT.usage,
    EXIT.config,
    EXIT.tryAgain,
    EXIT.unavailable,
  ]);
});
