/** Entry of the process that reads what authors wrote: documents, records, ignore rules. */
import { createHash } from "node:crypto";
import createIgnore, { type Ignore } from "ignore";
import type { Refusal } from "../core/ports.js";
import type { ParsedDocument } from "../core/types.js";
import { limitMemory } from "../process/memory-limit.js";
import { serve } from "../process/serve.js";
import { type BlockColumns, packBlocks, packSpans } from "./block-columns.js";
import { withoutEncodedData } from "./encoded-data.js";
import { decodeText, decodeUtf8 } from "./encoding/decode.js";
import { paragraphBlocks } from "./formats/format.js";
import { type BinaryFormat, formatOf, type TextFormat } from "./formats/index.js";
import { isLfsLine, isLfsPointer, LFS_REASON } from "./lfs-pointer.js";
import { type JsonRecord, parseRecord, RECORDS_VERSION } from "./record.js";
import { MAX_TEXT_LENGTH, refuseEncoded, refuseMinified, refuseSecrets, refuseText, TOO_MUCH_TEXT } from "./refuse.js";
import { unreadSpans } from "./unread.js";

/** As it crosses the process boundary. */
export interface PackedDocument extends Omit<ParsedDocument, "blocks" | "unread"> {
  readonly blocks: BlockColumns;
  readonly unread: Uint32Array;
}

export interface ReadRecord extends JsonRecord {
  readonly hash: string;
  readonly blocks: BlockColumns;
  readonly unread: Uint32Array;
}

/** A folder's ignore rules. */
export interface Rules {
  readonly hash: string;
  /** The folder's path below the source with a `/` behind it; "" for the source itself. */
  readonly prefix: string;
  /** Absent where this process has had it. */
  readonly text: string | undefined;
  readonly ignoresCase: boolean;
}

limitMemory(Number(process.argv[2]));

async function parse({ name, content }: { name: string; content: Uint8Array }): Promise<PackedDocument | Refusal> {
  const format = formatOf(name);
  if (format === undefined) throw new Error(`no format reads "${name}"`);
  if (isLfsPointer(content)) return { reason: LFS_REASON };
  const parsed = await (format.kind === "text" ? parseText(format, name, content) : parseBinary(format, name, content));
  if ("reason" in parsed) return parsed;
  const unread = packSpans(unreadSpans(parsed.text, parsed.unread));
  return { ...parsed, blocks: packBlocks(parsed.blocks), unread };
}

function parseText(format: TextFormat, name: string, bytes: Uint8Array): ParsedDocument | Refusal {
  const decoded = decodeText(bytes);
  if (decoded === undefined) return { reason: "binary, no text" };
  const { encoding } = decoded;
  const text = withoutEncodedData(decoded.text);
  const unfit =
    refuseText(decoded.text, name) ??
    refuseEncoded(text, decoded.text) ??
    (format.isHandwritten ? refuseMinified(text) : undefined);
  if (unfit !== undefined) return { reason: unfit };
  const parsed = format.parse(text);
  return withoutSecrets(encoding === undefined ? parsed : { ...parsed, metadata: { ...parsed.metadata, encoding } });
}

async function parseBinary(format: BinaryFormat, name: string, bytes: Uint8Array): Promise<ParsedDocument | Refusal> {
  try {
    const parsed = await format.parse(bytes);
    if ("reason" in parsed) return parsed;
    if (parsed.text.length > MAX_TEXT_LENGTH) return { reason: TOO_MUCH_TEXT };
    const unfit = refuseText(parsed.text, name);
    return unfit === undefined ? withoutSecrets(parsed) : { reason: unfit };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND" && /package '([^']+)'/.exec(message)?.[1];
    if (missing) return { reason: `needs the optional package ${missing}: npm install ${missing}` };
    return { reason: `cannot be read as ${format.name}: ${message.split("\n", 1)[0]?.slice(0, 200)}` };
  }
}

/** A format may write a text in other letters than those in its file. */
function withoutSecrets(parsed: ParsedDocument): ParsedDocument | Refusal {
  const reason = refuseSecrets(parsed.text) ?? refuseSecrets(`${parsed.title}\n${JSON.stringify(parsed.metadata)}`);
  return reason === undefined ? parsed : { reason };
}

function readRecord(line: Uint8Array): ReadRecord | Refusal | undefined {
  const decoded = decodeUtf8(line);
  if (decoded === undefined) return { reason: "not UTF-8 text" };
  const raw = decoded.trim();
  if (raw === "") return undefined;
  if (isLfsLine(raw)) return { reason: LFS_REASON };
  const record = parseRecord(decoded);
  if ("reason" in record) return record;
  const secret = refuseSecrets(`${record.id}\n${record.title}\n${JSON.stringify(record.metadata)}`);
  if (secret !== undefined) return { reason: secret }; // told by its line: the id may be the secret
  const text = withoutEncodedData(record.text);
  const unfit = refuseText(record.text) ?? refuseEncoded(text, record.text);
  if (unfit !== undefined) return { ...record, reason: unfit };
  // Not of the line's number: a record inserted at the top must not re-embed the whole file.
  const hash = createHash("sha256").update(`${RECORDS_VERSION}\0${raw}`).digest("hex");
  const blocks = packBlocks(paragraphBlocks(text, "prose"));
  return { ...record, hash, text, blocks, unread: packSpans(unreadSpans(text)) };
}

const known = new Map<string, Ignore>();

/** The innermost rules decide first. */
function ignored({ chain, entries }: { chain: readonly Rules[]; entries: readonly string[] }): boolean[] {
  const levels = chain.map(({ hash, prefix, text, ignoresCase }) => {
    const rules = known.get(hash) ?? createIgnore({ ignorecase: ignoresCase }).add(text ?? "");
    known.set(hash, rules);
    return { rules, prefix };
  });
  return entries.map((entry) => {
    for (const { rules, prefix } of levels) {
      const verdict = rules.test(entry.slice(prefix.length));
      if (verdict.ignored || verdict.unignored) return verdict.ignored;
    }
    return false;
  });
}

serve({ parse, records: (lines: readonly Uint8Array[]) => lines.map(readRecord), ignored });
