import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ParsedDocument } from "#src/core/types.js";
import { notebook } from "#src/source/formats/notebook.js";

async function parse(content: string | Uint8Array): Promise<ParsedDocument> {
  const parsed = await notebook.parse(Buffer.from(content));
  return "reason" in parsed ? expect.unreachable(parsed.reason) : parsed;
}
const read = (cells: readonly object[], more = {}) => parse(JSON.stringify({ nbformat: 4, cells, ...more }));
const fixture = (name: string) => parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
const slices = ({ text, blocks }: ParsedDocument) =>
  blocks.map(({ start, end, headings }) => [headings.join(" > "), text.slice(start, end)]);

describe("a notebook", () => {
  it.each(["herons.ipynb", "herons-3.ipynb"])(
    "has cells under their headings, and what they wrote: %s",
    async (name) => {
      const herons = await fixture(name);
      expect(herons.title).toBe("Counting herons");
      expect(herons.lines).toBeUndefined();
      const table = "   year  herons\n0  2023      41\n1  2024      38".trim();
      expect(slices(herons)).toEqual([
        ["Counting herons", "# Counting herons"],
        ["Counting herons", "The counts of two years."],
        ["Counting herons", "```python\nimport pandas as pd\ncounts = pd.read_csv('herons.csv')\n```"],
        ["Counting herons > Results", "## Results"],
        ["Counting herons > Results", "```python\ncounts.tail()\n```"],
        ["Counting herons > Results", `\`\`\`\nrows: 4211\n${table}\nKeyError: 'storks'\n\`\`\``],
      ]);
    },
  );

  it("keeps the beginning and the end of a long output, without colours and overwritten progress", async () => {
    const bar = Array.from({ length: 50 }, (_, i) => `\r${i} %`).join("");
    const outputs = [
      { output_type: "stream", text: [`${bar}\n`, "\u001b[31mred\u001b[0m\n", "x".repeat(5_000), " last"] },
    ];
    const { text } = await read([{ cell_type: "code", source: "run()", outputs }]);
    expect(text).toMatch(/^```\nrun\(\)\n```\n\n```\n49 %\nred\nx+\n…\nx+ last\n```$/);
    expect(text.length).toBeLessThan(700);
  });

  it("leaves out pictures, also those in its Markdown", async () => {
    const picture = `![](data:image/png;base64,${"iVBORw0KGgo".repeat(20)})`;
    const outputs = [{ data: { "image/png": "iVBORw0KGgo" } }, { data: { "text/plain": ["<Figure size 1x1>"] } }];
    const cells = [
      { cell_type: "markdown", source: `Seen: ${picture}` },
      { cell_type: "code", source: "plot()", outputs },
    ];
    expect((await read(cells)).text).toBe("Seen: ![](…)\n\n```\nplot()\n```");
  });

  it("keeps cells apart, whatever a cell leaves open, and fences what has fences", async () => {
    const cells = [
      { cell_type: "markdown", source: "```\nnever closed" },
      { cell_type: "code", source: "'''\n```\nx\n````\n'''" },
      { cell_type: "markdown", source: "# Heading" },
      { cell_type: "raw", source: "# raw" },
    ];
    expect(slices(await read(cells))).toEqual([
      ["", "```\nnever closed"],
      ["", "`````\n'''\n```\nx\n````\n'''\n`````"],
      ["Heading", "# Heading"],
      ["Heading", "# raw"],
    ]);
  });

  it("has the fields of the front matter in its first cell, and a language", async () => {
    const cells = [
      { cell_type: "raw", source: "---\ntitle: Storks\ntags: [birds]\n---" },
      { cell_type: "markdown", source: "Text" },
    ];
    const storks = await read(cells, { metadata: { language_info: { name: "R" } } });
    expect(storks).toMatchObject({ title: "Storks", metadata: { tags: ["birds"], language: "R" } });
    expect(slices(storks)).toEqual([["", "Text"]]);
  });

  it("that is none is refused, and odd parts of one are passed over", async () => {
    await expect(parse("{")).rejects.toThrow("it is not valid JSON");
    await expect(parse("[1]")).rejects.toThrow("it has no cells");
    const cells = [null, 3, {}, { cell_type: "code", source: [1, "a"], outputs: [null, { text: 4 }, { data: null }] }];
    expect((await read(cells as object[])).text).toBe("```\na\n```");
  });
});
