import { afterEach, describe, expect, it } from "vitest";
import { ALL_HOLD, STANDSTILLS } from "./deadlines.js";
import { cleanUp, PATIENCE_MS } from "./server.js";

afterEach(cleanUp);

describe.skipIf(process.platform !== "linux")("a deadline, with garbage collected all the time", () => {
  for (const [what, heldWhile] of Object.entries(STANDSTILLS)) {
    it(`holds while ${what}`, { timeout: 3 * PATIENCE_MS }, async () => {
      expect(await heldWhile()).toEqual(ALL_HOLD);
    });
  }
});
