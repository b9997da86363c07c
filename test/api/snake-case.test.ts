import { describe, expect, it } from "vitest";
import { snakeCase } from "#src/api/snake-case.js";

describe("snakeCase", () => {
  it("names fields as the protocol does, inside objects and lists too", () => {
    expect(
      snakeCase({ downloadPercent: 40, jobs: [{ skippedTotal: 1, error: { retryAfterMs: 2 } }], rssMb: 3 }),
    ).toEqual({ download_percent: 40, jobs: [{ skipped_total: 1, error: { retry_after_ms: 2 } }], rss_mb: 3 });
  });

  it("leaves values as they are", () => {
    const values = ["camelCase", 0, "", false, null, ["listItem"]];
    expect(snakeCase(values)).toEqual(values);
    expect(snakeCase({ oneValue: "camelCase" })).toEqual({ one_value: "camelCase" });
  });

  it("leaves out what is undefined, so that an answer has no such field", () => {
    const shown = snakeCase({ wasHere: undefined, inside: { alsoNot: undefined, isHere: null } });
    expect(Object.keys(shown as object)).toEqual(["inside"]);
    expect(shown).toStrictEqual({ inside: { is_here: null } });
  });
});
