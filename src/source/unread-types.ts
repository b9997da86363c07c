/** Kinds of files that are no text and that no format reads, and what makes them readable. */
import { extensionOf } from "./formats/index.js";

const KINDS: readonly (readonly [string, string])[] = [
  ["pptx ppt pptm odp key", "a presentation; export it as PDF"],
  ["xlsx xls xlsm xlsb ods numbers", "a spreadsheet; export it as CSV"],
  ["doc docm dot rtf odt pages wpd", "a word processor's document; save it as .docx"],
  ["mobi azw azw3 fb2 lit", "an e-book; convert it to EPUB (Calibre does)"],
  ["djvu", "scanned pages; convert it to PDF with its text (djvu2pdf, ocrmypdf)"],
  ["ps eps xps", "a printed page; convert it to PDF"],
  ["msg pst ost", "e-mail; save it as text or HTML"],
  ["zip tar gz tgz bz2 tbz xz txz zst 7z rar lz4 cab jar war ear whl egg", "an archive; unpack it"],
  ["iso dmg img vhd vhdx qcow2 vmdk", "a disk image"],
  ["png jpg jpeg gif webp bmp tif tiff heic heif avif ico psd raw", "an image; its text needs OCR"],
  ["svg drawio vsdx vsd fig sketch ai xd", "a drawing; export it as PDF"],
  ["mp3 wav flac ogg oga opus m4a aac wma aiff", "a sound recording; index its transcript"],
  ["mp4 mov avi mkv webm wmv mpg mpeg m4v flv", "a video; index its transcript"],
  ["ttf otf woff woff2 eot", "a font"],
  ["exe dll so dylib o a lib obj class pyc pyo wasm bin msi deb rpm apk ipa", "a program"],
  [
    "sqlite sqlite3 db mdb accdb dbf parquet arrow feather avro orc h5 hdf5 nc",
    "a database; export it as CSV or JSONL",
  ],
  ["npy npz pkl pickle pt pth onnx safetensors gguf ckpt mat rds rdata", "an array or a model"],
];

const KIND_OF = new Map(
  KINDS.flatMap(([extensions, kind]) => extensions.split(" ").map((extension) => [extension, kind] as const)),
);

export function unreadReason(name: string): string {
  const extension = extensionOf(name);
  if (extension === "") return "unsupported file type";
  const kind = KIND_OF.get(extension);
  return `no reader for .${extension}${kind === undefined ? "" : `: ${kind}`}`;
}
