import { describe, expect, it } from "vitest";
import { lexicalOnly, narrow } from "#src/retrieve/narrow.js";
import { testProfile } from "../support/profile.js";

const NONE = { kind: "none" } as const;
const whole = testProfile({
  expansion: { kind: "synonyms", maxVariants: 5 },
  reranking: { kind: "late-interaction", absent: "skip", topK: 50, budgetMs: 120 },
});

describe("a profile, narrowed", () => {
  it("is itself where a call wishes for nothing, or for what it has", () => {
    for (const wishes of [{}, { expand: true }]) {
      expect(narrow(whole, wishes)).toEqual({ profile: whole, mode: "hybrid" });
    }
  });

  it("re-ranks whatever the index lacks where a call asks for it", () => {
    const reranking = { ...whole.reranking, absent: "compute" };
    expect(narrow(whole, { rerank: true }).profile).toEqual({ ...whole, reranking });
  });

  it("is without the parts that a call leaves out", () => {
    const { profile } = narrow(whole, { expand: false, rerank: false });
    expect(profile).toEqual({ ...whole, expansion: NONE, reranking: NONE });
  });

  it("searches by the legs that it has, or by the one that is asked for", () => {
    expect(narrow(whole, { mode: "lexical" }).mode).toBe("lexical");
    expect(narrow(testProfile({ legs: "dense" }), {}).mode).toBe("dense");
    expect(narrow(testProfile({ legs: "dense" }), { mode: "dense" }).mode).toBe("dense");
  });

  it.each([{ rerank: true }, { expand: true }])("refuses what it does not have: %o", (wishes) => {
    expect(() => narrow(testProfile(), wishes)).toThrow(expect.objectContaining({ code: "bad_request" }));
  });

  it.each(["hybrid", "lexical"] as const)("refuses mode %s where the lexical leg is off", (mode) => {
    const refused = expect.objectContaining({
      code: "bad_request",
      message: expect.stringContaining("HYBRID_ENABLED"),
    });
    expect(() => narrow(testProfile({ legs: "dense" }), { mode })).toThrow(refused);
  });

  it("by words alone keeps other words, and drops what needs the model", () => {
    expect(lexicalOnly(narrow(whole, {}))).toEqual({ mode: "lexical", profile: { ...whole, reranking: NONE } });
  });

  it("by words alone keeps a cross-encoder, which reads texts", () => {
    const reranking = { kind: "cross-encoder", model: "a", device: "cpu", topK: 50, budgetMs: 120 } as const;
    expect(lexicalOnly(narrow({ ...whole, reranking }, {})).profile).toEqual({ ...whole, reranking });
  });
});
