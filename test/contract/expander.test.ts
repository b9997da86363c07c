import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createExpander } from "#src/expand/index.js";
import { LEXICON_FILE } from "#src/text/lexicon.js";
import { testCall } from "../support/call.js";
import { fakeExpander } from "../support/fakes.js";
import { LEXICON_BYTES } from "../text/lexicon.js";
import { expanderContract } from "./expander.js";

const MOST = 4;
const dispose = async () => undefined;

for (const strategy of ["synonyms", "multi_query"] as const) {
  expanderContract(strategy, async () => ({
    expander: createExpander({ strategy, maxVariants: MOST, lexicon: LEXICON_FILE }),
    question: "How do I rent a car for the newborn?",
    most: MOST,
    dispose,
  }));
}

describe("a lexicon that is slow to read", () => {
  const folder = mkdtempSync(join(tmpdir(), "aura-lexicon-"));
  const lexicon = join(folder, "pipe");
  afterAll(() => rmSync(folder, { recursive: true }));

  it.runIf(process.platform === "linux")("is read on for those who stay when a caller leaves", async () => {
    execFileSync("mkfifo", [lexicon]);
    const expander = createExpander({ strategy: "synonyms", maxVariants: MOST, lexicon });
    const caller = new AbortController();
    const gone = [
      expander.expand(testCall({ signal: caller.signal }), "rent a car"),
      expander.warmUp(testCall({ signal: caller.signal })),
      expander.expand(testCall({ timeoutMs: 10 }), "rent a car"),
    ].map((ended) => ended.then(() => "done").catch(({ code }) => code));
    const stays = expander.expand(testCall(), "rent a car");
    setTimeout(() => caller.abort(), 20);
    expect(await Promise.all(gone)).toEqual(["cancelled", "cancelled", "timeout"]);
    await writeFile(lexicon, LEXICON_BYTES);
    expect((await stays).variants.length).toBeGreaterThan(1);
  });
});

expanderContract("the fake", async () => ({
  expander: fakeExpander(() => ({
    variants: [
      { text: "question", leg: "both", weight: 1 },
      { text: "ask", leg: "dense", weight: 0.5 },
    ],
  })),
  question: "question",
  isFixed: true,
  most: MOST,
  dispose,
}));
