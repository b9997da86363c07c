/** Twelve languages in one collection, by words and as a question is answered by default. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { harness } from "../../embed/fixtures.js";
import { testCall } from "../../support/call.js";
import { Bench } from "../../support/fixtures.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A passage and a question that it answers, or a question that none answers. */
type Line = { readonly language: string } & (
  | { readonly document: string; readonly passage: string; readonly question: string }
  | { readonly offTopic: string }
);

const LINES = readFileSync("test/retrieve/languages/questions.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);
const ASKED = LINES.filter((line) => "document" in line);
const OFF_TOPIC = LINES.filter((line) => "offTopic" in line);
const LANGUAGES = [...new Set(LINES.map(({ language }) => language))];
const READ = ["de", "fr", "es"];
const UNREAD = LANGUAGES.filter((language) => !READ.includes(language));
/** What a score below says: nothing here answers. */
const NOTHING = 0.15;

let bench: Bench;
const { embedder } = harness();
beforeAll(async () => {
  bench = await Bench.open();
  bench.embedder = embedder;
  await bench.index(Object.fromEntries(ASKED.map(({ document, passage }) => [document, passage])));
});
afterAll(async () => {
  await bench.close();
  await embedder.close();
});

describe("questions in twelve languages", () => {
  it("are twenty in each, with five that nothing answers", () => {
    expect(LANGUAGES).toHaveLength(12);
    for (const language of LANGUAGES) {
      expect(ASKED.filter((line) => line.language === language)).toHaveLength(20);
      expect(OFF_TOPIC.filter((line) => line.language === language)).toHaveLength(5);
    }
  });

  it.each(LANGUAGES)("find their passages among the first five by words: %s", async (language) => {
    const missed: string[] = [];
    for (const { document, question } of ASKED.filter((line) => line.language === language)) {
      const { passages } = await bench.retrieve({ query: question, mode: "lexical", topK: 5 });
      if (!passages.some(({ point }) => point.record.document === document)) missed.push(document);
    }
    expect(missed.length, missed.join()).toBeLessThanOrEqual(2);
  });

  it.each(UNREAD)("are answered by words where the model does not read them, and say so: %s", async (language) => {
    const best: number[] = [];
    for (const { document, question } of ASKED.filter((line) => line.language === language)) {
      const call = testCall();
      const { passages, mode } = await bench.retrieve({ query: question }, call);
      expect(call.degraded.map(({ reason }) => reason)).toContain("unread_script");
      expect(mode).toBe("lexical");
      expect(passages.slice(0, 5).map(({ point }) => point.record.document)).toContain(document);
      best.push(passages[0]?.score ?? 0);
    }
    expect(best.filter((score) => score > NOTHING).length).toBeGreaterThanOrEqual(19);
  });

  it.each(UNREAD)("that nothing answers score low: %s", async (language) => {
    for (const { offTopic } of OFF_TOPIC.filter((line) => line.language === language)) {
      const { passages } = await bench.retrieve({ query: offTopic });
      expect(passages[0]?.score ?? 0, offTopic).toBeLessThan(NOTHING);
    }
  });

  it.each(READ)("are answered by meaning too where the model reads the letters: %s", async (language) => {
    const best: number[] = [];
    for (const { question } of ASKED.filter((line) => line.language === language)) {
      const call = testCall();
      best.push((await bench.retrieve({ query: question }, call)).passages[0]?.score ?? 0);
      expect(call.degraded).toEqual([]);
    }
    expect(best.filter((score) => score > NOTHING).length).toBeGreaterThanOrEqual(19);
    const offTopic = OFF_TOPIC.filter((line) => line.language === language);
    const scores: number[] = [];
    for (const { offTopic: query } of offTopic) scores.push((await bench.retrieve({ query })).passages[0]?.score ?? 0);
    // Function words of one language are rare among passages of twelve: "Wer hat die Relativitätstheorie erfunden?"
    expect(scores.filter((score) => score >= NOTHING).length, scores.join()).toBeLessThanOrEqual(1);
    expect(Math.max(...scores)).toBeLessThan(0.25);
  });
});
