import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANALYSER_VERSION, analyse, nameTerms, questionTerms } from "#src/text/analyser.js";
import { exactTerms } from "#src/text/exact-terms.js";
import { STOP_WORDS } from "#src/text/stop-words.js";

describe("the analyser", () => {
  it.each([
    [
      "stems English words and drops stop words",
      "The indexed documents are being retrieved",
      ["index", "document", "retriev"],
    ],
    ["lower-cases and removes accents", "Café ÀÉÎ Zürich", ["cafe", "aei", "zurich"]],
    ["keeps repeats in order", "cat dog cat", ["cat", "dog", "cat"]],
    ["gives an identifier and its parts", "maxTokens", ["maxtoken", "max", "token"]],
    ["splits snake case", "read_only_mode", ["read_only_mode", "read", "mode"]],
    ["splits acronyms from words", "parseHTTPResponse", ["parsehttprespons", "pars", "http", "respons"]],
    ["keeps numbers, and versions beside their parts", "v2 v3.10", ["v2", "3_10", "3", "10"]],
    ["keeps dates", "on 2024-03-12T10:15", ["2024_03_12", "2024", "03", "12", "t10", "10", "15"]],
    ["keeps an address beside its port", "10.2.1.3:80", ["10_2_1_3_80", "10_2_1_3", "10", "2", "1", "3", "80"]],
    [
      "takes invisible signs out of words",
      "Kran\u00adken\u200bhaus re\u2060port\ufeff pass\u200dword",
      ["krankenhaus", "report", "password"],
    ],
    ["splits an acronym from the word behind it", "HTTPServer", ["httpserver", "http", "server"]],
    ["splits digits from the word behind them", "oauth2Client", ["oauth2client", "oauth", "client"]],
    ["keeps the plural of an acronym whole", "URLs", ["url"]],
    ["keeps acronyms that look like stop words", "WHO is it IT", ["who", "it"]],
    ["splits letters from digits", "sha256 utf8mb4", ["sha256", "sha", "256", "utf8mb4", "utf", "mb"]],
    ["splits Greek from Latin letters", "TNFα γδT", ["tnfα", "tnf", "γδt", "γδ"]],
    ["leaves data whole", "3f2a9c1d", ["3f2a9c1d"]],
    ["keeps names with signs beside their parts", "AT&T I/O TCP/IP", ["at_t", "at", "i_o", "o", "tcp_ip", "tcp", "ip"]],
    ["keeps such names in lower case", "at&t i/o r&d", ["at_t", "i_o", "o", "r_d", "r", "d"]],
    [
      "keeps languages apart from letters",
      "C++17, c# .NET C",
      ["cplusplus", "c", "17", "csharp", "c", "dotnet", "net", "c"],
    ],
    ["takes no other sign for a part of a name", "and/or a.NET x = y# ++c", ["net", "x", "ysharp", "y", "c"]],
    ["cuts where the script changes", "使用Docker", ["使", "使用", "用", "docker"]],
    ["cuts particles from foreign words", "Docker를 הDocker", ["docker", "를", "ה", "docker"]],
    [
      "cuts numbers from other scripts",
      "2024年 10кг 版本1.2.3を",
      ["2024", "年", "10", "кг", "版", "版本", "本", "1_2_3", "1", "2", "3", "を"],
    ],
    ["reads digits of every script", "١٢٣ १२ ๔๕", ["123", "12", "45"]],
    ["leaves out points of vowels", "שָׁלוֹם كِتَابٌ", ["שלום", "לום", "كتاب", "تاب"]],
    ["reads letters of Arabic that are written one for the other", "أحمد إيمان مدرسة", ["احمد", "ايمان", "مدرسه"]],
    ["drops function words of other alphabets", "как και في של में", []],
    ["keeps й, leaves out stress, reads ё as е", "йод за́мок ёлка", ["йод", "замок", "елка"]],
    [
      "gives the beginning of a word that it cannot stem",
      "прививками Τομάτες",
      ["прививками", "приви", "τοματεσ", "τοματ"],
    ],
    ["takes particles off Hebrew and Arabic words", "ממכונה والكتاب", ["ממכונה", "מכונה", "والكتاب", "كتاب"]],
    ["keeps vowel signs", "किताब कितब", ["किताब", "कितब"]],
    ["reads the dot and the nasal sign of Hindi as they are left out", "ज़रूरी हाँ", ["जरूरी", "हां"]],
    ["keeps voiced kana apart", "カ ガ か\u3099", ["カ", "ガ", "が"]],
    ["keeps vowels and tones at their letter", "กี่ ที่นี่", ["กี่", "ที่", "ที่นี่", "นี่"]],
    ["keeps what is written below a letter at it", "ខ្មែរ", ["ខ្មែ", "ខ្មែរ", "រ"]],
    ["folds what Unicode's case folding does", "Straße ΟΔΟΣ οδός", ["strass", "οδοσ", "οδοσ"]],
    [
      "takes no stop of another script into a word",
      "ភាសា។ မြန်မာ၊",
      ["ភា", "ភាសា", "សា", "မြ", "မြန်", "န်", "န်မာ", "မာ"],
    ],
    [
      "gives Korean words, and pairs as particles stick to them",
      "비밀번호를",
      ["비밀번호를", "비", "비밀", "밀", "밀번", "번", "번호", "호", "호를", "를"],
    ],
    ["writes no text as it writes a file's name", "file__store_py", ["file_store_py", "file", "store", "py"]],
    ["cuts contractions at the apostrophe", "don't can't server's", ["server"]],
    ["reads full-width forms and ligatures as plain letters", "Ｆｉｌｅ ﬁle", ["file", "file"]],
    ["gives characters and pairs of them where a script has no spaces", "東京都", ["東", "東京", "京", "京都", "都"]],
    ["keeps a single such character", "水", ["水"]],
    ["leaves out punctuation and symbols", "!!! --- €$ ***", []],
    ["finds nothing in nothing", "", []],
    ["leaves out a run of underscores", "____ __", []],
  ])("%s", (_, text, terms) => {
    expect(analyse(text)).toEqual(terms);
  });

  it("drops a run that is data, not a word", () => {
    expect(analyse(`hash ${"a1".repeat(33)} end`)).toEqual(["hash", "end"]);
    expect(analyse("b".repeat(64))).toHaveLength(1);
  });

  it("caps terms, not what they are cut from", () => {
    expect(analyse("漢字".repeat(250))).toHaveLength(999);
    expect(analyse("ไทย".repeat(200))).toHaveLength(1_199);
    expect(analyse("한국".repeat(100))).toHaveLength(399);
    expect(analyse(`${"test_".repeat(20)}key`)).toEqual([...Array(20).fill("test"), "key"]);
    expect(analyse(Array(100).fill("7").join("-"))).toEqual(Array(100).fill("7"));
    for (const text of ["ក្".repeat(200), `ก${"\u0e34".repeat(200)}`, "1.".repeat(300)]) {
      for (const term of analyse(text)) expect(term.length).toBeLessThanOrEqual(64);
    }
  });

  it("gives the same terms for composed and decomposed accents", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        expect(analyse(text.normalize("NFD"))).toEqual(analyse(text.normalize("NFC")));
      }),
    );
  });

  it("gives terms of letters, marks, digits and underscores only, none empty and none a stop word", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const term of analyse(text)) {
          expect(term).toMatch(/^[\p{L}\p{N}\p{M}_]+$/u);
          expect(STOP_WORDS.has(term) && /^[a-z]+$/.test(text)).toBe(false);
          expect(term).not.toMatch(/^file__/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("finds a word in whatever case it is written", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,20}$/), (word) => {
        fc.pre(!STOP_WORDS.has(word));
        expect(analyse(word.toUpperCase())).toEqual(analyse(word));
      }),
    );
  });

  it("gives a text's terms word by word: joining texts with a blank joins their terms", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (a, b) => {
        expect(analyse(`${a} ${b}`)).toEqual([...analyse(a), ...analyse(b)]);
      }),
    );
  });

  it("takes linear time", () => {
    const started = performance.now();
    analyse("aA".repeat(1_000_000));
    analyse("_".repeat(2_000_000));
    for (const token of ["字", "ក្", "A&", "A/", ".N", "1.", "aα", "한", "\u0301\u0316", "a1", "ا\u064b"]) {
      analyse(token.repeat(Math.ceil(300_000 / token.length)));
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("has a version that collections are stamped with", () => {
    expect(ANALYSER_VERSION).toMatch(/^[a-z0-9-]+$/);
  });
});

describe("the terms of a question", () => {
  it.each([
    ["once each", "cat dog cat", ["cat", "dog"]],
    ["without letters of Thai and kana, which every text has", "ไทย ねこです", ["ไท", "ทย", "ねこ", "こで", "です"]],
    [
      "with the single characters of a short run",
      "水は 물을 猫の水",
      ["水", "水は", "は", "물", "물을", "을", "猫の", "の水"],
    ],
    ["without what only asks", "猫怎么养 どこで買えますか מתי", ["猫", "养", "で買", "買え"]],
    ["with a letter that stands alone", "か ก", ["か", "ก"]],
  ])("%s", (_, question, terms) => {
    expect([...questionTerms(question)].sort()).toEqual([...terms].sort());
    const ofText = new Set(analyse(question));
    expect(questionTerms(question).filter((term) => !ofText.has(term))).toEqual([]);
  });
});

describe("the terms of where a document lies", () => {
  it.each([
    ["src/app/Store.py", ["file__store_py", "store", "py", "app", "src"]],
    [
      "a/b/c/2024-03-12-standup.md",
      ["file__2024_03_12_standup_md", "2024_03_12", "2024", "03", "12", "standup", "md", "c", "b"],
    ],
    ["logs/records.jsonl#r1/x", ["file__records_jsonl", "record", "jsonl", "log"]],
    ["Makefile", ["file__makefile", "makefil"]],
    ["étude.md", ["file__etude_md", "etud", "md"]],
    ["4983", []],
  ])("%s", (document, terms) => {
    expect(nameTerms(document)).toEqual(terms);
    expect(nameTerms(document.normalize("NFD"))).toEqual(terms);
  });
});

describe("what a question names exactly", () => {
  it.each([
    ["what does src/store.py do?", ["file__store_py"]],
    ["explain index.php", ["file__index_php"]],
    ["the Dockerfile's base image (Dockerfile)", ["file__dockerfile"]],
    ["What changed in version v1.3.2?", ["1_3_2"]],
    ["stand-up 2024-03-12", ["2024_03_12"]],
    ["error E0599 in max_tokens, TS2339", ["e0599", "max_tokens", "ts2339"]],
    ["the maxTokens of GitHub", ["maxtoken", "github (rare)"]],
    ["where is `VectorStore` or IndexFile() made in the code of JavaScript", ["vectorstor (rare)", "indexfil (rare)"]],
    ["version 3.10 of Python", ["3_10"]],
    ["5-6 years, 0.05% of 1/2000, i.e. few", []],
    ["clpC and miRNA bind eIF3f in HbA1c at K164", []],
    ["how do I index a folder?", []],
    ["What is 5 % of 2024?", []],
    ["v1.1 v1.2 v1.3 v1.4 v1.5", ["1_1", "1_2", "1_3", "1_4"]],
  ])("%s", (question, terms) => {
    expect(exactTerms(question).map(({ term, mostOften }) => (mostOften < 1 ? `${term} (rare)` : term))).toEqual(terms);
  });
});
