import { describe, expect, it } from "vitest";

import { AppError, cancelledError } from "#src/core/errors.js";
import type { Expansion, Variant } from "#src/core/types.js";
import { testCall } from "../support/call.js";
import { FakeRetrieval, fakeExpander, variants } from "../support/fakes.js";

const PASSAGES = [
  { id: "a", dense: 0.6, lexical: 0.6 },
  { id: "b", dense: 0.5, lexical: 0.1, of: { "other words": 0.9, "another wording": 0.9 } },
];
const rephrasing: Variant = { text: "another wording", leg: "dense", weight: 0.8 };
const synonyms: Variant = { text: "other words", leg: "lexical", weight: 0.5 };

const callOf = (signal?: AbortSignal) => testCall({ signal });
const stagesOf = ({ stages }: ReturnType<typeof callOf>) => stages.map(({ name, status }) => `${name} ${status}`);

describe("an expanded question", () => {
  it("is embedded in one call and searched in one, every variant on its own leg", async () => {
    const fake = new FakeRetrieval(PASSAGES);
    const call = callOf();
    const expander = fakeExpander(() => variants(rephrasing, synonyms));
    const { variants: searched } = await fake.retrieve({}, { expander }, call);
    expect(fake.embedded).toEqual([["question", "another wording"]]);
    expect(fake.searched).toHaveLength(1);
    expect(fake.searched[0]?.map((leg) => (leg.kind === "lexical" ? leg.text : leg.kind))).toEqual([
      ...["dense", "dense"],
      ...["question", "other words"],
    ]);
    expect(searched.map(({ text }) => text)).toEqual(["question", "another wording", "other words"]);
    expect(stagesOf(call)).toEqual(["resolve ok", "expand ok", "embed ok", "search ok", "fuse ok", "read ok"]);
  });

  it("finds by a variant what the question alone scores low, and lowers nothing that it found itself", async () => {
    const fake = new FakeRetrieval(PASSAGES);
    const score = (passages: readonly { point: { id: string }; fused: number }[], id: string) =>
      passages.find(({ point }) => point.id === id)?.fused;
    const alone = await fake.retrieve();
    const expanded = await fake.retrieve({}, { expander: fakeExpander(() => variants(rephrasing, synonyms)) });
    expect(score(alone.passages, "b")).toBeCloseTo(0.3);
    expect(score(expanded.passages, "b")).toBeCloseTo((0.9 * 0.8 + 0.9 * 0.5) / 2);
    expect(score(expanded.passages, "a")).toBe(score(alone.passages, "a"));
    expect(expanded.passages[0]?.point.id).toBe("a");
  });

  it.each([
    ["dense", ["question", "another wording"], 2],
    ["lexical", ["question", "other words"], 2],
  ] as const)("in mode %s asks and names the variants of that leg only", async (mode, texts, legs) => {
    const fake = new FakeRetrieval(PASSAGES);
    const expander = fakeExpander(() => variants(rephrasing, synonyms));
    const { variants: searched } = await fake.retrieve({ mode }, { expander });
    expect(searched.map(({ text }) => text)).toEqual(texts);
    expect(fake.searched[0]?.map(({ kind }) => kind)).toEqual(Array(legs).fill(mode));
    expect(fake.embedded).toHaveLength(mode === "dense" ? 1 : 0);
  });

  it("records its variants, or why there are none", async () => {
    const call = callOf();
    const skipped = (): Expansion => ({ ...variants(), skipped: "identifier" });
    await new FakeRetrieval(PASSAGES).retrieve({}, { expander: fakeExpander(skipped) }, call);
    expect(call.stages.find(({ name }) => name === "expand")).toMatchObject({
      status: "ok",
      attrs: { skipped: "identifier", variants: variants().variants },
    });
    expect(call.degraded).toEqual([]);
  });

  it("is left out when the call says so, or when there is no expander", async () => {
    const expander = fakeExpander(() => variants(rephrasing));
    for (const [request, parts] of [[{ expand: false }, { expander }] as const, [{}, {}] as const]) {
      const call = callOf();
      const { variants: searched } = await new FakeRetrieval(PASSAGES).retrieve(request, parts, call);
      expect(searched).toEqual(variants().variants);
      expect(stagesOf(call)).not.toContain("expand ok");
    }
  });
});

describe("an expander that fails", () => {
  it.each([
    ["throws", () => Promise.reject(new AppError("config", "no lexicon", { remedy: "Install it." }))],
    ["throws what it should not", () => Promise.reject(new TypeError("bug"))],
    ["reports it", (): Expansion => ({ ...variants(), skipped: "failed" })],
  ])("leaves the question alone, degraded: it %s", async (_how, expand) => {
    const call = callOf();
    const fake = new FakeRetrieval(PASSAGES);
    const { passages } = await fake.retrieve({}, { expander: fakeExpander(expand) }, call);
    expect(passages).toEqual((await new FakeRetrieval(PASSAGES).retrieve()).passages);
    expect(fake.embedded).toEqual([["question"]]);
    expect(call.degraded).toEqual([{ stage: "expand", reason: "expansion_failed" }]);
    expect(stagesOf(call)).toContain("expand degraded");
  });

  it("is not blamed for a call that was cancelled, or whose deadline passed, meanwhile", async () => {
    for (const [reason, code] of [
      [undefined, "cancelled"],
      [new DOMException("late", "TimeoutError"), "timeout"],
    ] as const) {
      const abort = new AbortController();
      const call = callOf(abort.signal);
      const expander = fakeExpander(() => {
        abort.abort(reason);
        abort.signal.throwIfAborted();
        return variants();
      });
      const fake = new FakeRetrieval(PASSAGES);
      await expect(fake.retrieve({}, { expander }, call)).rejects.toMatchObject({ code, stage: "expand" });
      expect(call.degraded).toEqual([]);
      expect(stagesOf(call).at(-1)).toBe("expand error");
      expect(fake.searched).toEqual([]);
    }
  });

  it("that says cancelled cancels the call: the server closes", async () => {
    const expander = fakeExpander(() => Promise.reject(cancelledError()));
    await expect(new FakeRetrieval(PASSAGES).retrieve({}, { expander })).rejects.toMatchObject({ code: "cancelled" });
  });
});
