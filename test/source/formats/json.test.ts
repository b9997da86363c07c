/** JSON is cut between its members and records, and says where they are. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { chunkDocument } from "#src/chunk/chunk.js";
import { json } from "#src/source/formats/json.js";
import { testCall } from "../../support/call.js";

const countTokens = async (_: unknown, texts: readonly string[]) =>
  texts.map((text) => (text.match(/[\p{L}\p{N}]{1,5}|[^\s\p{L}\p{N}]/gu) ?? []).length);
const chunksOf = (text: string) => chunkDocument(testCall(), json.parse(text), { maxTokens: 256, countTokens });
const blocksOf = (text: string) =>
  json.parse(text).blocks.map(({ start, end, headings }) => [headings.join(" > "), text.slice(start, end)]);
const long = (name: string) => `${name} ${"one two three four ".repeat(12).trim()}`;

it("a passage of one line of records holds whole ones and names them", async () => {
  const records = Array.from({ length: 300 }, (_, id) => ({ id, name: `chair model ${id}`, tags: ["a", "b"] }));
  const chunks = await chunksOf(JSON.stringify(records));
  const found = chunks.flatMap(({ text, headings }) => {
    const inside = JSON.parse(`[${text.replace(/^\[(?=\{)|,$|\](?=$)(?<=\}\])/g, "")}]`) as { id: number }[];
    const ids = inside.map(({ id }) => id);
    expect(headings).toEqual([`[${ids[0]}–${ids.at(-1)}]`]);
    return inside;
  });
  expect(found).toEqual(records);
  expect(chunks.length).toBeLessThan(80);
});

it("small members stay together, large ones are told by the way down to them", () => {
  const value = {
    name: "otter",
    deep: { a: [1, { b: "c" }] },
    items: [long("zero"), long("one"), { id: 2, list: [long("a"), long("b"), long("c"), long("d")] }],
    end: true,
  };
  const text = JSON.stringify(value, undefined, 1);
  expect(blocksOf(text).map(([heading, piece]) => [heading, /^\S+/.exec(piece as string)?.[0]])).toEqual([
    ["", "{"],
    ["items[0–1]", '"items":'],
    ["items[2]", "{"],
    ["items[2] > list[0–2]", '"list":'],
    ["items[2] > list[3]", '"d'],
    ["", '"end":'],
  ]);
});

it.each([
  ["", []],
  ["12", [["", "12"]]],
  ["{}\n[1]\n2", [["", "{}\n[1]\n2"]]],
  ['{"a": 1', [["", '{"a": 1']]],
  ['} ] "a"', [["", '} ] "a"']]],
  ['// note\n{"a": /* "b": [ */ "c"}', [["", '// note\n{"a": /* "b": [ */ "c"}']]],
  ["[".repeat(50), [["", "[".repeat(50)]]],
])("what is small, or no JSON, is one piece: %j", (text, blocks) => {
  expect(blocksOf(text)).toEqual(blocks);
});

it("its pieces hold every visible character, in order, whatever it is", () => {
  const sign = fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "\\", "/", "*", " ", "\n", '"key":', long("x"), "1");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(sign, { maxLength: 200 }).map((signs) => signs.join("")),
        fc.json({ maxDepth: 6 }),
      ),
      (text) => {
        let at = 0;
        for (const { start, end } of json.parse(text).blocks) {
          expect(text.slice(at, start).trim()).toBe("");
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(text.slice(at).trim()).toBe("");
      },
    ),
    { numRuns: 500 },
  );
});
