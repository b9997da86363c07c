/** How the numbers of a workbook are shown: by the format of their cell, dates among them. */
import { readXml } from "./xml.js";

type Format = typeof import("numfmt");

/** Excel allows 255 characters, and about 250 patterns. */
const MAX_PATTERN = 255;
const MOST_PATTERNS = 1_000;
const DAY = "yyyy-mm-dd";
/**
 * Formats without a pattern of their own (ECMA-376 part 1, 18.8.30). Those of dates follow the reader's country there:
 * here they are ISO dates.
 */
const BUILT_IN = new Map<number, string>([
  ...["General", "0", "0.00", "#,##0", "#,##0.00"].map((pattern, id) => [id, pattern] as const),
  ...["0%", "0.00%", "0.00E+00", "# ?/?", "# ??/??", DAY, DAY, "d-mmm", "mmm-yy"].map((p, i) => [9 + i, p] as const),
  ...["h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss", `${DAY} h:mm`].map((p, i) => [18 + i, p] as const),
  ...Array.from({ length: 10 }, (_, i) => [27 + i, DAY] as const),
  ...["#,##0", "#,##0", "#,##0.00", "#,##0.00"].map((pattern, i) => [37 + i, pattern] as const),
  ...["mm:ss", "[h]:mm:ss", "mm:ss.0", "##0.0E+0", "@"].map((pattern, i) => [45 + i, pattern] as const),
  ...Array.from({ length: 9 }, (_, i) => [50 + i, DAY] as const),
]);
/** Days between the two dates that workbooks count from. */
const DAYS_TO_1904 = 1_462;

/** Of cell styles, in the order of the file; a style refers to its pattern by a number. */
interface Patterns {
  readonly own: Map<number, string>;
  readonly styles: number[];
}

export class CellFormats {
  readonly #library: Format;
  readonly #patterns: readonly string[];
  readonly #from1904: boolean;

  /** @param xml part `styles` */
  constructor(library: Format, xml: string, from1904: boolean) {
    this.#library = library;
    this.#from1904 = from1904;
    const { own, styles } = readPatterns(xml);
    const known = new Map(BUILT_IN);
    for (const [id, pattern] of own) if (library.isValidFormat(pattern)) known.set(id, pattern);
    this.#patterns = styles.map((id) => known.get(id) ?? "General");
  }

  /** @param style index of the cell's style */
  shown(number: number, style: number): string {
    const pattern = this.#patterns[style] ?? "General";
    const isLater = this.#from1904 && this.#library.isDateFormat(pattern);
    return this.#library.format(pattern, isLater ? number + DAYS_TO_1904 : number, { throws: false }).trim();
  }
}

function readPatterns(xml: string): Patterns {
  const patterns: Patterns = { own: new Map(), styles: [] };
  let isOfCells = false;
  readXml(xml, {
    open(tag) {
      const pattern = tag.name === "numFmt" ? tag.get("formatCode") : undefined;
      if (pattern !== undefined && pattern.length <= MAX_PATTERN && patterns.own.size < MOST_PATTERNS) {
        patterns.own.set(Number(tag.get("numFmtId")), pattern);
      } else if (tag.name === "cellXfs") isOfCells = true;
      else if (tag.name === "xf" && isOfCells) patterns.styles.push(Number(tag.get("numFmtId")));
      return tag.name !== "dxfs";
    },
    close(name) {
      if (name === "cellXfs") isOfCells = false;
    },
  });
  return patterns;
}
