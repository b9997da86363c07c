/** Kinds of files that are no text and that no format reads, and what makes them readable. */
import { extensionOf } from "./formats/index.js";

const KINDS: readonly (readonly [string, string])[] = [
  ["ppt pps pot odp otp fodp sxi key", "a presentation; save it as .pptx or PDF"],
  ["xls xlsb xlt ods ots fods sxc numbers", "a spreadsheet; save it as .xlsx or CSV"],
  ["doc dot rtf odt ott fodt sxw pages wpd wps hwp hwpx", "a word processor's document; save it as .docx"],
  ["gdoc gsheet gslides", "a link to a document of Google's; download it as .docx, .xlsx or .pptx"],
  ["one onetoc2 onepkg", "a OneNote notebook; export it as .docx or PDF"],
  ["mobi azw azw3 kfx fb2 lit ibooks", "an e-book; convert it to EPUB (calibre does)"],
  ["chm hlp", "a help file; unpack it, its pages are HTML"],
  ["mht mhtml webarchive", "a saved page; save it as HTML"],
  ["ps eps xps oxps pub indd", "printed pages; convert them to PDF"],
  ["djvu", "scanned pages; convert them to PDF with their text"],
  ["msg pst ost olm dbx", "e-mail; save it as .eml"],
  ["p7m gpg pgp age", "encrypted or signed; save what is in it"],
  ["zip tar gz tgz bz2 tbz xz txz zst 7z rar lz4 cab jar war ear whl egg", "an archive; unpack it"],
  ["iso dmg img vhd vhdx qcow2 vmdk", "a disk image"],
  ["png jpg jpeg gif webp bmp tif tiff heic heif avif ico psd raw", "an image; its text needs OCR"],
  ["svg drawio vsdx vsd fig sketch ai xd dwg", "a drawing; export it as PDF"],
  ["mpp", "a project plan; export it as .xlsx or PDF"],
  ["mp3 wav flac ogg oga opus m4a aac wma aiff", "a sound recording; index its transcript"],
  ["mp4 mov avi mkv webm wmv mpg mpeg m4v flv", "a video; index its transcript"],
  ["ttf otf woff woff2 eot", "a font"],
  ["exe dll so dylib o a lib obj class pyc pyo wasm bin msi deb rpm apk ipa", "a program"],
  [
    "sqlite sqlite3 db mdb accdb dbf parquet arrow feather avro orc h5 hdf5 nc",
    "a database; export it as CSV or JSONL",
  ],
  ["sav dta sas7bdat", "statistical data; export it as CSV"],
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
