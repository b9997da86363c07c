/** Tells a passage that was written from one whose bytes the disk has changed since. */
import { crc32 } from "node:zlib";

/** The columns of a chunk that an answer is made of. */
export interface PassageColumns {
  readonly uuid: string;
  readonly text: string;
  readonly embed_lead: string;
  readonly headings: string;
  /** 0: its format has no lines. */
  readonly line_start: number;
  readonly line_end: number;
  readonly page_start: number | null;
  readonly page_end: number | null;
  readonly start: number;
  readonly end: number;
  readonly table_header: string | null;
}

/** CRC-32 (as in gzip) of all of them, 0 to 2³² − 1: it finds every change of up to 32 bits in a row. */
export function passageChecksum(row: PassageColumns): number {
  const { uuid, text, embed_lead, headings, line_start, line_end, page_start, page_end, start, end, table_header } =
    row;
  const pages = page_start === null ? [] : [page_start, page_end];
  const header = table_header === null ? [] : [table_header];
  return crc32([uuid, line_start, line_end, start, end, headings, embed_lead, text, ...pages, ...header].join("\0"));
}
