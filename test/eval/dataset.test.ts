import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDataset } from "#src/eval/dataset.js";

const LIBRARY = join(import.meta.dirname, "fixtures/library");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-eval-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
}

describe("a folder in BEIR's layout", () => {
  it("gives the judged queries in their order, with grades", () => {
    const { name, corpus, questions, extensionOptional, warnings } = readDataset(LIBRARY, "test");
    expect(name).toBe("library");
    expect(corpus).toEqual({ name: "library", source: join(LIBRARY, "corpus.jsonl") });
    expect(extensionOptional).toBe(false);
    expect(questions.map(({ id }) => id)).toEqual(["q1", "q2", "q3", "q4", "q5", "q6", "q8"]);
    expect(questions[0]?.text).toBe("when is honey ripe enough to extract");
    expect([...(questions[0]?.grades ?? [])]).toEqual([
      ["honey", 2],
      ["bees", 1],
    ]);
    expect(warnings).toEqual([]);
  });

  it("has splits, and says which judged queries it does not know", () => {
    const { name, questions, warnings } = readDataset(LIBRARY, "dev");
    expect([name, questions.map(({ id }) => id)]).toEqual(["library-dev", ["q7"]]);
    expect(warnings).toEqual(["judged queries that are not in queries.jsonl, left out: 1"]);
    expect(() => readDataset(LIBRARY, "train")).toThrow("train.tsv cannot be read");
  });

  it("may hold pages, whose judgements may leave the extension out", () => {
    write("pages/a.md", "# A\n");
    write("queries.jsonl", '{"_id": 7, "text": "a"}\n');
    write("qrels/test.tsv", "7\ta\t1\n");
    expect(readDataset(folder, "test")).toMatchObject({
      corpus: { source: join(folder, "pages") },
      extensionOptional: true,
      questions: [{ id: "7" }],
    });
  });

  it("is refused with the line that is wrong", () => {
    expect(() => readDataset(folder, "test")).toThrow("neither corpus.jsonl nor pages/");
    write("corpus.jsonl", "");
    write("queries.jsonl", '{"_id": "1", "text": "a"}\nno JSON\n');
    write("qrels/test.tsv", "1\ta\t1\n");
    expect(() => readDataset(folder, "test")).toThrow(/queries\.jsonl, line 2: /);
    write("queries.jsonl", '{"_id": "1", "text": "a"}\n');
    write("qrels/test.tsv", "query-id\tcorpus-id\tscore\n1\ta\tmuch\n");
    expect(() => readDataset(folder, "test")).toThrow(/test\.tsv, line 2: /);
    write("qrels/test.tsv", "1\ta\tmuch\n");
    expect(() => readDataset(folder, "test")).toThrow(/test\.tsv, line 1: /);
    write("qrels/test.tsv", "1\ta\t1\n1\ta\t1\n1\ta\t2\n");
    expect(() => readDataset(folder, "test")).toThrow(/test\.tsv, line 3: a was judged differently/);
    write("qrels/test.tsv", "2\ta\t1\n");
    expect(() => readDataset(folder, "test")).toThrow("judges no query");
    write("queries.jsonl", '{"_id": "1", "text": "a"}\n{"_id": 1, "text": "b"}\n');
    expect(() => readDataset(folder, "test")).toThrow('queries.jsonl has the id "1" twice');
    expect(() => readDataset(join(folder, "nowhere"), "test")).toThrow("There is nothing at");
  });
});

it("a byte order mark is no part of the first line", () => {
  write("corpus.jsonl", "");
  write("queries.jsonl", '\ufeff{"_id": "1", "text": "a"}\n');
  write("qrels/test.tsv", "\ufeff1\ta\t1\n");
  expect(readDataset(folder, "test").questions).toMatchObject([{ id: "1", text: "a" }]);
});

describe("a file of questions", () => {
  it("names one expected document or several, and may name the questions", () => {
    const file = write(
      "mine.jsonl",
      '{"question": "a?", "expect": "a.md"}\n\n{"id": "b", "question": "b?", "expect": ["b.md", "c.md"]}\n',
    );
    const { name, corpus, questions } = readDataset(file, "test");
    expect([name, corpus]).toEqual(["mine", undefined]);
    expect(questions.map(({ id, text, grades }) => [id, text, [...grades]])).toEqual([
      ["line-1", "a?", [["a.md", 1]]],
      [
        "b",
        "b?",
        [
          ["b.md", 1],
          ["c.md", 1],
        ],
      ],
    ]);
  });

  it("is refused with the line that is wrong, when it is empty, and when an id comes twice", () => {
    const refused = (text: string) => expect(() => readDataset(write("mine.jsonl", text), "test"));
    refused('{"question": "a?", "expects": "a.md"}\n').toThrow(/mine\.jsonl, line 1: /);
    refused('{"question": "a?", "expect": []}\n').toThrow(/line 1: expect/);
    refused("").toThrow("has no questions");
    refused('{"id": "a", "question": "a?", "expect": "a"}\n{"id": "a", "question": "b?", "expect": "a"}\n').toThrow(
      'the id "a" twice',
    );
  });
});
