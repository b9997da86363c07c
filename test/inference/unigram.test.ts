/** A tokenizer as XLM-RoBERTa's file has it, which multilingual models share, with a few pieces. */
import { describe, expect, it } from "vitest";
import { Tokenizer } from "#src/inference/tokenizer.js";

const SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"];
const syllables = (from: number) =>
  Array.from({ length: 100 }, (_, i) => `▁${String.fromCodePoint(from + (i % 20), from + Math.floor(i / 20))}`);
const PIECES = [...SPECIAL, "▁query", ":", "▁keys", "▁ключи", "▁", ...syllables(0x61), ...syllables(0x430)];
const FILE = {
  added_tokens: SPECIAL.map((content, id) => ({ id, content, special: true, normalized: false })),
  normalizer: { type: "Sequence", normalizers: [{ type: "Precompiled", precompiled_charsmap: "" }] },
  pre_tokenizer: {
    type: "Sequence",
    pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁", add_prefix_space: true }],
  },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "<s>", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "</s>", type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] },
      "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] },
    },
  },
  decoder: { type: "Metaspace", replacement: "▁", add_prefix_space: true },
  model: {
    type: "Unigram",
    unk_id: 3,
    vocab: PIECES.map((piece, i) => [piece, i < SPECIAL.length ? 0 : -1 - i / 1_000]),
  },
};
const CONFIG = { tokenizer_class: "XLMRobertaTokenizer", model_max_length: 512 };
const tokenizer = new Tokenizer(FILE, CONFIG, 8);

describe("a tokenizer with one vocabulary for many scripts", () => {
  it("gives pieces between the marks of the model, cut before the closing one", () => {
    const ids = tokenizer.encode("query: keys ключи");
    expect(ids.map((id) => tokenizer.token(id))).toEqual(["<s>", "▁query", ":", "▁keys", "▁ключи", "</s>"]);
    expect(tokenizer.encode("keys ".repeat(20))).toEqual([0, ...Array<number>(6).fill(6), 2]);
  });

  it("counts pieces without those marks", () => {
    expect(tokenizer.count("query: keys")).toBe(3);
    expect(tokenizer.count("keys ".repeat(20))).toBe(20);
  });

  it("reads the scripts that it has words of, and no others", () => {
    const reads = (text: string) => tokenizer.reads(text, tokenizer.encode(text));
    expect(reads("query: ключи")).toBe(true);
    expect(reads("密码 鍵")).toBe(false);
  });

  it("is taken to know the languages of all of them, however their words come apart", () => {
    expect(tokenizer.knowsWords("Die Hausschlüssel hängen neben der Wohnungstür.")).toBe(true);
  });
});
