/** Rows of a long table, from the file to the answer, on the embedded store and on a Qdrant's stub. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer } from "#src/api/answer.js";
import { getDocumentOperation } from "#src/api/get-document/operation.js";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import { type App, createApp } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";
import { docxOf, epubOf, pptxOf, xlsxOf } from "../source/containers.js";
import { Stub } from "../store/qdrant/stub.js";
import { testCall } from "../support/call.js";

const retrieve = retrieveOperation({ queryMaxChars: 2_000, profileChoice: false });
const NAMES = ["Employee", "Office", "Yearly salary"];
const ROWS = Array.from({ length: 400 }, (_, i) => [`EMP${1000 + i}`, i % 2 ? "Pune" : "Oslo", String(30_000 + i)]);
const cells = (row: readonly string[], tag: string) => row.map((cell) => `<${tag}>${cell}</${tag}>`).join("");
const wordRow = (row: readonly string[]) =>
  `<w:tr>${row.map((cell) => `<w:tc><w:p><w:r><w:t>${cell}</w:t></w:r></w:p></w:tc>`).join("")}</w:tr>`;
const slideRow = (row: readonly string[]) =>
  `<a:tr>${row.map((cell) => `<a:tc><a:p><a:r><a:t>${cell}</a:t></a:r></a:p></a:tc>`).join("")}</a:tr>`;
const sheetRow = (row: readonly string[]) =>
  `<row>${row.map((cell) => `<c t="str"><v>${cell}</v></c>`).join("")}</row>`;
const FILES = {
  "staff.csv": [NAMES, ...ROWS].map((row) => row.join(",")).join("\n"),
  "staff.tsv": [NAMES, ...ROWS].map((row) => row.join("\t")).join("\r\n"),
  "staff.md": [NAMES, ["---", "---", "---"], ...ROWS].map((row) => `| ${row.join(" | ")} |`).join("\n"),
  "staff.html": `<table>\n<tr>${cells(NAMES, "th")}</tr>\n${ROWS.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n")}\n</table>`,
  "staff.docx": docxOf(`<w:tbl>${[NAMES, ...ROWS].map(wordRow).join("")}</w:tbl></w:body></w:document>`),
  "staff.pptx": pptxOf([`<a:tbl>${[NAMES, ...ROWS].map(slideRow).join("")}</a:tbl>`]),
  "staff.xlsx": xlsxOf({ Staff: [NAMES, ...ROWS].map(sheetRow).join("") }),
  "staff.epub": epubOf({
    "a.xhtml": `<table>${[NAMES, ...ROWS].map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</table>`,
  }),
};
const HEADERS: Readonly<Record<keyof typeof FILES, string>> = {
  "staff.csv": NAMES.join(","),
  "staff.tsv": NAMES.join("\t"),
  "staff.md": `| ${NAMES.join(" | ")} |`,
  "staff.html": NAMES.join(" | "),
  "staff.docx": NAMES.join(" | "),
  "staff.pptx": NAMES.join(" | "),
  "staff.xlsx": NAMES.join(" | "),
  "staff.epub": NAMES.join(" | "),
};

describe.each(["the embedded store", "a Qdrant"])("a row of a table in %s", (store) => {
  let folder: string;
  let app: App;
  let stub: Stub | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "aura-tables-"));
    mkdirSync(join(folder, "tables"));
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, "tables", name), content);
    stub = store === "a Qdrant" ? await Stub.start() : undefined;
    app = createApp(
      loadConfig({
        EMBEDDING_MODEL: "",
        RETRIEVAL_DATA_DIR: join(folder, "data"),
        QDRANT_COLLECTION: "docs",
        METRICS_PORT: "0",
        LOG_LEVEL: "silent",
        RATE_LIMIT_QPS: "100000",
        ...(stub && { QDRANT_URL: stub.url }),
      }),
    );
    const operator = testCall();
    const target = operator.access.collection("docs");
    await app.reindex(operator, { source: join(folder, "tables"), target, mode: "full", dryRun: false }).done;
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await stub?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const caller = () => ({ principal: { id: "test" }, signal: new AbortController().signal });
  const search = async (input: object) => {
    const { outcome, error } = await answer(app, retrieve, { max_tokens: 20_000, ...input }, caller());
    if (error !== undefined) throw error;
    return outcome.value.results.map(({ text = "", source }) => ({ text, source }));
  };

  it.each(Object.entries(HEADERS))(
    "is shown, whole and in part, under the names of its columns: %s",
    async (document, header) => {
      for (const detail of ["full", "snippet"]) {
        const [best] = await search({ query: "yearly salary of EMP1387", filter: { document }, detail });
        expect(best?.text.startsWith(`${header}\n`)).toBe(true);
        expect(best?.text).toMatch(/EMP1387.{1,3}Pune.{1,3}30387/);
      }
    },
  );

  it("is found by what its column is called, in every piece", async () => {
    const found = await search({ query: "salary", mode: "lexical", top_k: 50, filter: { document: "staff.csv" } });
    expect(found.length).toBeGreaterThan(2);
    for (const { text } of found) expect(text.split(HEADERS["staff.csv"])).toHaveLength(2);
  });

  it("stands at the lines that it is cited by, and the header once in its document", async () => {
    for (const [document, header] of Object.entries(HEADERS)) {
      const { outcome } = await answer(app, getDocumentOperation, { document, max_tokens: 20_000 }, caller());
      const text = outcome?.value.text ?? "";
      expect(text.split(header)).toHaveLength(2);
      for (const each of await search({ query: "EMP1387 salary", top_k: 50, filter: { document } })) {
        const { line_start: first = 1, line_end: last } = each.source;
        const cited = text
          .split("\n")
          .slice(first - 1, last)
          .join("\n");
        const [names, ...rows] = each.text.replace(/^Staff\n\n/, "").split("\n");
        expect(names).toBe(header);
        expect(cited).toContain(rows.join("\n"));
      }
    }
  });
});
