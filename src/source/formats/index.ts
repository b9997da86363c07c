/** File name → format. */
import { asciidoc } from "./asciidoc.js";
import { code } from "./code.js";
import { csv } from "./csv.js";
import { DEFINITIONS } from "./definitions.js";
import { docx } from "./docx.js";
import { eml } from "./eml.js";
import { epub } from "./epub.js";
import type { Format } from "./format.js";
import { html } from "./html.js";
import { json } from "./json.js";
import { latex } from "./latex.js";
import { markdown } from "./markdown.js";
import { notebook } from "./notebook.js";
import { org } from "./org.js";
import { pdf } from "./pdf.js";
import { pptx } from "./pptx.js";
import { rst } from "./rst.js";
import { data, plain, text } from "./text.js";
import { xlsx } from "./xlsx.js";

export type { BinaryFormat, Format, TextFormat } from "./format.js";

const words = (list: string) => list.split(" ");

const MORE_CODE = words("vue svelte astro dart nim clj cljs erl ml fs fsx jl pl pm ps1 bat vb sol graphql gql cmake");
const DATA = words("yaml yml toml ini cfg conf properties xml xsd xsl bib log diff patch");
const NAMED = new Map<string, Format>([
  ...words("readme license licence notice changelog changes history news authors contributing copying copyright").map(
    (name) => [name, text] as const,
  ),
  ...words("install todo security").map((name) => [name, text] as const),
  ...words("makefile dockerfile containerfile justfile").map((name) => [name, code("")] as const),
  ...words("rakefile gemfile").map((name) => [name, code("rb")] as const),
]);

const BY_EXTENSION = new Map<string, Format>([
  ...words("md markdown mdx mdown mkd rmd qmd").map((extension) => [extension, markdown] as const),
  ...words("rst rest").map((extension) => [extension, rst] as const),
  ...words("adoc asciidoc asc").map((extension) => [extension, asciidoc] as const),
  ...words("tex ltx latex").map((extension) => [extension, latex] as const),
  ["org", org],
  ...words("txt text wiki mediawiki textile").map((extension) => [extension, text] as const),
  ...words("html htm xhtml").map((extension) => [extension, html] as const),
  ...words("json jsonc json5 geojson webmanifest").map((extension) => [extension, json] as const),
  ["csv", csv],
  ["tsv", csv],
  ["pdf", pdf],
  ...words("docx docm dotx dotm").map((extension) => [extension, docx] as const),
  ...words("pptx pptm ppsx ppsm").map((extension) => [extension, pptx] as const),
  ...words("xlsx xlsm xltx").map((extension) => [extension, xlsx] as const),
  ["ipynb", notebook],
  ["eml", eml],
  ["epub", epub],
  ...DATA.map((extension) => [extension, data] as const),
  ...[...DEFINITIONS.keys(), ...MORE_CODE].map((extension) => [extension, code(extension)] as const),
]);

/** Extension of a file name without the dot, lower case; "" when it has none. */
export function extensionOf(name: string): string {
  return /[^.]\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** Written as text, none of which a reader sees: pictures, pages, flat files of office programs, links to documents elsewhere. */
const NO_READABLE_TEXT = new Set(words("svg drawio eps ps rtf fb2 fodt fods fodp mht mhtml gdoc gsheet gslides"));

/** Undefined when no format reads such files. */
export function formatOf(name: string): Format | undefined {
  const extension = extensionOf(name);
  if (NO_READABLE_TEXT.has(extension)) return undefined;
  return BY_EXTENSION.get(extension) ?? (extension === "" ? NAMED.get(name.toLowerCase()) : undefined) ?? plain;
}

/** Whether a name says nothing of what is in the file, so that its beginning has to. */
export function isUnknown(format: Format): boolean {
  return format === plain;
}

/** Files that hold one document on each line. */
export function isRecordFile(name: string): boolean {
  return ["jsonl", "ndjson"].includes(extensionOf(name));
}

/** Version of all parsers together. */
export const FORMATS_VERSION = [
  markdown,
  rst,
  asciidoc,
  org,
  latex,
  json,
  text,
  data,
  csv,
  plain,
  html,
  code(""),
  pdf,
  docx,
  notebook,
  eml,
  epub,
  pptx,
  xlsx,
]
  .map((format) => format.version)
  .join(",");
