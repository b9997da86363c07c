import { describe, expect, it } from "vitest";
import { z } from "zod";
import { advertised, advertisedOutput } from "#src/server/schemas.js";

describe("a tool's schema", () => {
  const schema = z.object({ name: z.string() });
  const json = (made: ReturnType<typeof advertised>) => made["~standard"].jsonSchema.input({ target: "draft-2020-12" });

  it("is made once, however many connections register the tool", () => {
    expect(advertised(schema)).toBe(advertised(schema));
    expect(advertisedOutput(schema)).toBe(advertisedOutput(schema));
    expect(json(advertised(schema))).toBe(json(advertised(schema)));
    expect(json(advertisedOutput(schema))).toBe(json(advertisedOutput(schema)));
    expect(json(advertised(schema))).not.toEqual(json(advertisedOutput(schema)));
  });

  it("is not made before it is listed", () => {
    const unrepresentable = advertised(z.object({ at: z.date() }));
    expect(() => json(unrepresentable)).toThrow();
  });
});
