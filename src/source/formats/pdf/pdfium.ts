/** PDFium's library, compiled to WebAssembly: its functions and the memory that they share with us. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { once } from "../../../core/once.js";

type Handle = number;
type Call<Rest extends readonly number[] = []> = (...args: [handle: Handle, ...Rest]) => number;
/** Fills a buffer, in UTF-16 unless it says otherwise. @returns the bytes that it takes, the NUL at the end included */
type FillBuffer<Rest extends readonly number[] = []> = (
  ...args: [Handle, ...Rest, buffer: number, size: number]
) => number;

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public: called as they are, because wrappers cost as much again. */
export interface PdfiumCalls {
  malloc(bytes: number): number;
  free(at: number): void;
  FPDF_LoadMemDocument64(at: number, bytes: number, password: number): Handle;
  FPDF_GetLastError(): number;
  FPDF_CloseDocument: Call;
  FPDF_GetPageCount: Call;
  FPDF_GetMetaText: FillBuffer<[tag: number]>;
  FPDF_LoadPage: Call<[index: number]>;
  FPDF_ClosePage: Call;
  FPDFText_LoadPage: Call;
  FPDFText_ClosePage: Call;
  FPDFText_CountChars: Call;
  FPDFText_GetUnicode: Call<[index: number]>;
  FPDFText_IsGenerated: Call<[index: number]>;
  FPDFText_GetTextObject: Call<[index: number]>;
  FPDFText_GetLooseCharBox: Call<[index: number, box: number]>;
  FPDFText_GetCharOrigin: Call<[index: number, x: number, y: number]>;
  FPDFText_GetMatrix: Call<[index: number, matrix: number]>;
  FPDFText_GetFontSize(page: Handle, index: number): number;
  FPDFTextObj_GetFont: Call;
  /** In UTF-8. */
  FPDFFont_GetBaseFontName: FillBuffer;
  FPDFFont_GetFlags: Call;
  PDFiumExt_OpenFormFillInfo(): Handle;
  PDFiumExt_InitFormFillEnvironment(document: Handle, info: Handle): Handle;
  PDFiumExt_ExitFormFillEnvironment: Call;
  PDFiumExt_CloseFormFillInfo: Call;
  FPDFPage_GetAnnotCount: Call;
  FPDFPage_GetAnnot: Call<[index: number]>;
  FPDFPage_CloseAnnot: Call;
  FPDFAnnot_GetSubtype: Call;
  FPDFAnnot_GetFlags: Call;
  FPDFAnnot_GetFormFieldType: Call<[annotation: Handle]>;
  FPDFAnnot_GetFormFieldFlags: Call<[annotation: Handle]>;
  FPDFAnnot_GetFormFieldName: FillBuffer<[annotation: Handle]>;
  FPDFAnnot_GetFormFieldValue: FillBuffer<[annotation: Handle]>;
}

export interface Pdfium {
  readonly calls: PdfiumCalls;
  /** Views on its memory; others take their place when it grows. */
  readonly memory: { readonly HEAPU8: Uint8Array; readonly HEAPF32: Float32Array; readonly HEAPF64: Float64Array };
}

/** Its memory never shrinks: an instance that has taken more than this is not used again. */
const MAX_KEPT_BYTES = 128_000_000;

const library = once(async () => {
  const { init } = await import("@embedpdf/pdfium");
  const file = await readFile(createRequire(import.meta.url).resolve("@embedpdf/pdfium/pdfium.wasm"));
  return { init, wasmBinary: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) };
});

let idle: Pdfium | undefined;

/** For one reader at a time. What throws may have left the instance broken: it is not used again. */
export async function withPdfium<T>(use: (pdfium: Pdfium) => T): Promise<T> {
  const pdfium = idle ?? (await instantiate());
  idle = undefined;
  const result = use(pdfium);
  if (pdfium.memory.HEAPU8.length <= MAX_KEPT_BYTES) idle = pdfium;
  return result;
}

async function instantiate(): Promise<Pdfium> {
  const { init, wasmBinary } = await library();
  const silent = () => undefined;
  const { pdfium, PDFiumExt_Init } = await init({ wasmBinary, print: silent, printErr: silent });
  PDFiumExt_Init();
  return {
    calls: pdfium.wasmExports as unknown as PdfiumCalls,
    memory: pdfium as unknown as Pdfium["memory"],
  };
}

/** What a function of PDFium's writes to a buffer, of whatever length. */
export function textFrom(
  { calls, memory }: Pdfium,
  fill: (buffer: number, size: number) => number,
  encoding: "utf16le" | "utf8" = "utf16le",
): string {
  const bytes = fill(0, 0);
  if (bytes === 0) return "";
  const buffer = calls.malloc(bytes);
  fill(buffer, bytes);
  const text = Buffer.from(memory.HEAPU8.buffer, buffer, bytes).toString(encoding);
  calls.free(buffer);
  return text.replace(/\0+$/, "");
}
