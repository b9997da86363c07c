import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ReadScripts } from "#src/inference/read-scripts.js";
import { Tokenizer } from "#src/inference/tokenizer.js";

const json = (file: string) => JSON.parse(readFileSync(`models/all-MiniLM-L6-v2/${file}`, "utf8"));
const bundled = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"), 256);
const isRead = (text: string) => bundled.reads(text, bundled.encode(text));

/** One piece for each word of a text, as a vocabulary has them. */
function reader(vocabulary: readonly string[], more: object = {}) {
  const vocab = Object.fromEntries(vocabulary.map((piece, id) => [piece, id]));
  const scripts = new ReadScripts({ model: { vocab, unk_token: "[UNK]" }, ...more }, (id) => vocabulary[id] as string);
  const ids = (text: string) => text.split(" ").map((word) => vocab[word] ?? (vocab["[UNK]"] as number));
  return (text: string, pieces = ids(text)) => scripts.reads(text, pieces);
}

const pairs = (from: number) =>
  Array.from({ length: 100 }, (_, i) => String.fromCodePoint(from + (i % 20), from + Math.floor(i / 20)));
const LATIN = ["[UNK]", ...pairs(0x61)];

describe("what a model reads, by its vocabulary", () => {
  it.each([
    "how are keys rotated",
    "naïve Größe, façade",
    "Moscow (Russian: Москва) is the capital",
    "TGF-β and IκB kinase",
    "🎉 ≥ → 🎉",
    "2024 · 12",
    "",
  ])("the bundled one reads %s", (text) => {
    expect(isRead(text)).toBe(true);
  });

  it.each([
    "как часто менять ключи",
    "密码",
    "docker 部署",
    "วิธีติดตั้ง",
    "كلمة المرور",
    "비밀번호",
    "סיסמה",
    "पासवर्ड",
    "κωδικός",
    "ܫܠܡܐ",
    "𐌲𐌿𐍄",
  ])("the bundled one does not read %s", (text) => {
    expect(isRead(text)).toBe(false);
  });

  it("is a script with a hundred pieces of several letters, not with all of its letters", () => {
    const letters = Array.from({ length: 32 }, (_, i) => String.fromCodePoint(0x430 + i));
    expect(reader([...LATIN, ...letters])("а б в")).toBe(false);
    expect(reader([...LATIN, ...pairs(0x430)])("аа ба ва")).toBe(true);
  });

  it("is Chinese with a thousand letters", () => {
    const han = (count: number) => Array.from({ length: count }, (_, i) => String.fromCodePoint(0x4e00 + i));
    expect(reader([...LATIN, ...han(999)])("一 丁")).toBe(false);
    expect(reader([...LATIN, ...han(1_000)])("一 丁")).toBe(true);
  });

  it("counts a third of the pieces, a word in unknown letters as one", () => {
    const reads = reader([...LATIN, "д", "##ом"]);
    expect(reads("aa ba дом", [1, 2, 101])).toBe(false);
    expect(reads("aa ba ca дом", [1, 2, 3, 101, 102])).toBe(true);
  });

  it("is told from lists of pieces and from bytes written as letters", () => {
    const list = pairs(0x430).map((piece) => [`▁${piece}`, -1] as const);
    const unigram = new ReadScripts({ model: { vocab: [["<unk>", 0], ...list], unk_id: 0 } }, (id) => `▁${id}`);
    expect(unigram.reads("слово", [1])).toBe(true);
    expect(unigram.reads("密码", [0])).toBe(false);

    const written = (text: string) =>
      [...Buffer.from(text, "utf8")]
        .map((byte) => String.fromCharCode(byte > 0xa0 && byte !== 0xad ? byte : byte < 0x21 ? 0x100 + byte : byte))
        .join("");
    const bytes = { pre_tokenizer: { type: "ByteLevel" } };
    const half = written("é")[0] as string;
    const reads = reader([...LATIN, written("éé"), half], bytes);
    expect(reads("éé aa", [101, 1])).toBe(true);
    expect(reads("密 aa", [102, 1])).toBe(false);
  });
});

describe("whether a model was trained on a language, by how its words come apart", () => {
  it.each([
    "A passage is shown as it stands in the file, under the headings that it stands under.",
    "The chain of a bicycle is oiled every two hundred kilometres, and after each ride in the rain.",
    "",
    "2024 · 12",
  ])("the bundled one was on that of: %s", (text) => {
    expect(bundled.knowsWords(text)).toBe(true);
  });

  it.each([
    "Die Fahrradkette wird alle zweihundert Kilometer geölt, und nach jeder Fahrt im Regen.",
    "La chaîne du vélo se graisse tous les deux cents kilomètres, et après chaque sortie sous la pluie.",
    "La cadena de la bicicleta se engrasa cada doscientos kilómetros, y después de cada salida con lluvia.",
    "La catena della bicicletta va oliata ogni duecento chilometri, e dopo ogni uscita sotto la pioggia.",
    "De ketting van de fiets wordt om de tweehonderd kilometer gesmeerd, en na elke rit in de regen.",
    "Łańcuch roweru smaruje się co dwieście kilometrów i po każdej jeździe w deszczu.",
  ])("and not on that of: %s", (text) => {
    expect(bundled.knowsWords(text)).toBe(false);
  });

  it("one with words of several scripts is made for many languages", () => {
    const knows = (vocabulary: readonly string[]) => {
      const vocab = Object.fromEntries(vocabulary.map((piece, id) => [piece, id]));
      return new ReadScripts({ model: { vocab } }, (id) => vocabulary[id] as string).knowsWords(10, 20);
    };
    expect(knows(LATIN)).toBe(false);
    expect(knows([...LATIN, ...pairs(0x430)])).toBe(true);
  });
});
