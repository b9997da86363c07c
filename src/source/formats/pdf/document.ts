/** An open PDF: its pages' glyphs and form fields, and its title. */
import type { Glyph, GlyphStyle } from "./glyph.js";
import { type Pdfium, textFrom } from "./pdfium.js";

export interface FormField {
  readonly name: string;
  readonly value: string;
}

export interface Page {
  glyphs(visit: (glyph: Glyph) => void): void;
  /** Those with a value. */
  fields(): FormField[];
}

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdfview.h, fpdf_annot.h and fpdf_formfill.h */
const PASSWORD_ERROR = 4;
const ERRORS: Readonly<Record<number, string>> = {
  1: "unknown error",
  3: "Invalid PDF structure",
  5: "unsupported encryption",
};
const WIDGET = 20;
const HIDDEN_FLAG = 1 << 1;
const PASSWORD_FLAG = 1 << 13;
const TOGGLE_FIELDS = [2, 3];
const VALUE_FIELDS = [4, 5, 6];
const FIXED_PITCH_FLAG = 1;
const FORCE_BOLD_FLAG = 1 << 18;
const NO_STYLE: GlyphStyle = { size: 0, isBold: false, turn: 0 };

const BLANK = 0x20;
const LAST_CODE_POINT = 0x10ffff;
/** A hyphen at a line's end, in PDFium's alphabet. */
const LINE_END_HYPHEN = 2;
const BOLD_NAME = /bold|black|heavy|demi|semibd|-medi|^(?:[A-Z]{6}\+)?(?:CMBX|CMB1|CMSSBX|SFBX|ECBX|SFSX)/i;

/** Type of one width, which code is set in, whatever its weight. */
const CODE_NAME = /courier|mono|typewriter|CMTT|consol/i;

export class PasswordNeeded extends Error {}

/** @throws PasswordNeeded; Error for a file that is damaged */
export class PdfDocument {
  readonly #pdfium: Pdfium;
  readonly #bytes: number;
  readonly #document: number;
  readonly #formInfo: number;
  readonly #form: number;
  /** For what PDFium answers by writing to memory. */
  readonly #scratch: number;
  readonly #boldFonts = new Map<number, boolean>();
  readonly pageCount: number;

  constructor(pdfium: Pdfium, file: Uint8Array) {
    const { calls, memory } = pdfium;
    this.#pdfium = pdfium;
    this.#bytes = calls.malloc(file.length);
    if (this.#bytes === 0) throw new Error("out of memory");
    memory.HEAPU8.set(file, this.#bytes);
    this.#document = calls.FPDF_LoadMemDocument64(this.#bytes, file.length, 0);
    if (this.#document === 0) {
      const error = calls.FPDF_GetLastError();
      throw error === PASSWORD_ERROR ? new PasswordNeeded() : new Error(ERRORS[error] ?? `error ${error}`);
    }
    this.#formInfo = calls.PDFiumExt_OpenFormFillInfo();
    this.#form = calls.PDFiumExt_InitFormFillEnvironment(this.#document, this.#formInfo);
    this.#scratch = calls.malloc(32);
    this.pageCount = calls.FPDF_GetPageCount(this.#document);
  }

  close(): void {
    const { calls } = this.#pdfium;
    calls.PDFiumExt_ExitFormFillEnvironment(this.#form);
    calls.PDFiumExt_CloseFormFillInfo(this.#formInfo);
    calls.FPDF_CloseDocument(this.#document);
    calls.free(this.#scratch);
    calls.free(this.#bytes);
  }

  /** As its metadata has it; may be empty. */
  title(): string {
    const tag = this.#scratch;
    this.#pdfium.memory.HEAPU8.set(Buffer.from("Title\0"), tag);
    return textFrom(this.#pdfium, (buffer, size) =>
      this.#pdfium.calls.FPDF_GetMetaText(this.#document, tag, buffer, size),
    );
  }

  /** @param index from 0. A page that is damaged has nothing on it. */
  read<T>(index: number, use: (page: Page) => T): T {
    const { calls } = this.#pdfium;
    const page = calls.FPDF_LoadPage(this.#document, index);
    if (page === 0) return use({ glyphs: () => undefined, fields: () => [] });
    const text = calls.FPDFText_LoadPage(page);
    const result = use({ glyphs: (visit) => this.#glyphs(text, visit), fields: () => this.#fields(page) });
    calls.FPDFText_ClosePage(text);
    calls.FPDF_ClosePage(page);
    return result;
  }

  /** Calls are what it costs: whatever the glyphs of one object have in common is asked once. */
  #glyphs(page: number, visit: (glyph: Glyph) => void): void {
    const { calls, memory } = this.#pdfium;
    const count = page === 0 ? 0 : calls.FPDFText_CountChars(page);
    let object = 0;
    let style = NO_STYLE;
    let y = 0;
    let from = Number.POSITIVE_INFINITY;
    let isBlankGuessed = false;
    for (let index = 0; index < count; index++) {
      const code = calls.FPDFText_GetUnicode(page, index);
      // Of what PDFium adds, blanks are guesses and line ends follow from the places.
      if (code <= BLANK && calls.FPDFText_IsGenerated(page, index) === 1) {
        isBlankGuessed ||= code === BLANK;
        continue;
      }
      const own = calls.FPDFText_GetTextObject(page, index);
      if (own !== object || style === NO_STYLE) {
        style = this.#style(page, index, own);
        object = own;
        from = Number.POSITIVE_INFINITY;
      }
      const text = code === LINE_END_HYPHEN ? "-" : code > LAST_CODE_POINT ? "\ufffd" : String.fromCodePoint(code);
      calls.FPDFText_GetLooseCharBox(page, index, this.#scratch);
      // West, north, east and south.
      const box = this.#scratch / 4;
      const left = memory.HEAPF32[box] as number;
      const right = Math.max(left, memory.HEAPF32[box + 2] as number);
      if (style.turn !== 0) visit({ text, style, isBlankGuessed, ...this.#turnedPlace(page, index, style.turn) });
      else {
        // Vertical type does not go on to the right.
        if (left <= from) y = this.#origin(page, index).y;
        from = left;
        visit({ text, style, left, right, y, isBlankGuessed });
      }
      isBlankGuessed = false;
    }
  }

  /** Where a glyph begins on its base line. */
  #origin(page: number, index: number): { x: number; y: number } {
    const at = this.#scratch;
    this.#pdfium.calls.FPDFText_GetCharOrigin(page, index, at, at + 8);
    const { HEAPF64 } = this.#pdfium.memory;
    return { x: HEAPF64[at / 8] as number, y: HEAPF64[at / 8 + 1] as number };
  }

  /** Along a line that is turned, and across it. Its box is in the scratch memory. */
  #turnedPlace(page: number, index: number, turn: number): Pick<Glyph, "left" | "right" | "y"> {
    const { HEAPF32 } = this.#pdfium.memory;
    const [west = 0, north = 0, east = 0, south = 0] = HEAPF32.subarray(this.#scratch / 4, this.#scratch / 4 + 4);
    const { x, y } = this.#origin(page, index);
    const sin = Math.sin((turn * Math.PI) / 180);
    const cos = Math.cos((turn * Math.PI) / 180);
    const left = x * cos + y * sin;
    const right = Math.max(west * cos, east * cos) + Math.max(south * sin, north * sin);
    return { left, right: Math.max(left, right), y: y * cos - x * sin };
  }

  #style(page: number, index: number, object: number): GlyphStyle {
    const { calls, memory } = this.#pdfium;
    const at = this.#scratch;
    calls.FPDFText_GetMatrix(page, index, at);
    const [a = 1, b = 0, c = 0, d = 1] = memory.HEAPF32.subarray(at / 4, at / 4 + 4);
    return {
      size: calls.FPDFText_GetFontSize(page, index) * Math.hypot(c, d),
      isBold: object !== 0 && this.#isBold(calls.FPDFTextObj_GetFont(object)),
      turn: (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360,
    };
  }

  #isBold(font: number): boolean {
    const { calls } = this.#pdfium;
    const known = this.#boldFonts.get(font);
    if (known !== undefined) return known;
    const name = textFrom(this.#pdfium, (buffer, size) => calls.FPDFFont_GetBaseFontName(font, buffer, size), "utf8");
    const flags = calls.FPDFFont_GetFlags(font);
    const isCode = CODE_NAME.test(name) || (flags & FIXED_PITCH_FLAG) !== 0;
    const isBold = !isCode && (BOLD_NAME.test(name) || (flags & FORCE_BOLD_FLAG) !== 0);
    this.#boldFonts.set(font, isBold);
    return isBold;
  }

  #fields(page: number): FormField[] {
    const { calls } = this.#pdfium;
    const found: FormField[] = [];
    const count = this.#form === 0 ? 0 : calls.FPDFPage_GetAnnotCount(page);
    for (let index = 0; index < count; index++) {
      const annotation = calls.FPDFPage_GetAnnot(page, index);
      if (annotation === 0) continue;
      const field = this.#field(annotation);
      if (field !== undefined) found.push(field);
      calls.FPDFPage_CloseAnnot(annotation);
    }
    return found;
  }

  #field(annotation: number): FormField | undefined {
    const { calls } = this.#pdfium;
    if (calls.FPDFAnnot_GetSubtype(annotation) !== WIDGET) return undefined;
    if ((calls.FPDFAnnot_GetFlags(annotation) & HIDDEN_FLAG) !== 0) return undefined;
    const type = calls.FPDFAnnot_GetFormFieldType(this.#form, annotation);
    const isToggle = TOGGLE_FIELDS.includes(type);
    if (!isToggle && !VALUE_FIELDS.includes(type)) return undefined;
    if ((calls.FPDFAnnot_GetFormFieldFlags(this.#form, annotation) & PASSWORD_FLAG) !== 0 && !isToggle)
      return undefined;
    const read = (name: "FPDFAnnot_GetFormFieldName" | "FPDFAnnot_GetFormFieldValue") =>
      textFrom(this.#pdfium, (buffer, size) => calls[name](this.#form, annotation, buffer, size))
        .replace(/\s+/g, " ")
        .trim();
    const value = read("FPDFAnnot_GetFormFieldValue");
    if (value === "" || (isToggle && value === "Off")) return undefined;
    return { name: read("FPDFAnnot_GetFormFieldName"), value };
  }
}
