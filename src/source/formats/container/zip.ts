/** ZIP containers: entries by their names, unpacked one by one within a budget. Node's zlib inflates. */
import { crc32, inflateRawSync } from "node:zlib";
import { decodeText } from "../../encoding/decode.js";

/** Of all entries that are read of one container. */
const MAX_UNPACKED_BYTES = 100_000_000;
/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3 */
const SIGNATURE = {
  local: 0x04034b50,
  central: 0x02014b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  end: Buffer.from("PK\x05\x06"),
};
const LENGTH = { local: 30, central: 46, locator64: 20, end: 22 };
const MAX_COMMENT = 0xffff;
/** Stands in a field of 32 bits for a number that follows in 64. */
const IN_64_BITS = 0xffffffff;
const EXTRA_64 = 1;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

interface Entry {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

export class Zip {
  readonly #bytes: Buffer;
  readonly #entries: ReadonlyMap<string, Entry>;
  #left = MAX_UNPACKED_BYTES;

  /** @throws for what is no ZIP container */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#entries = new Map(entriesOf(this.#bytes));
  }

  /** Undefined when there is none. @throws for one that is damaged, encrypted or too large */
  text(name: string): string | undefined {
    const bytes = this.#read(name);
    if (bytes === undefined) return undefined;
    const decoded = decodeText(bytes);
    if (decoded === undefined) throw new Error(`${name} in it is no text`);
    return decoded.text;
  }

  #read(name: string): Buffer | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.flags & ENCRYPTED) throw new Error("it is password-protected");
    this.#left -= entry.size;
    if (this.#left < 0) throw new Error(`it unpacks to more than ${MAX_UNPACKED_BYTES / 1e6} MB`);
    const bytes = unpack(packedBytes(this.#bytes, entry), entry);
    if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw new Error(`${name} in it is damaged`);
    return bytes;
  }
}

function unpack(packed: Buffer, { method, size }: Entry): Buffer {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new Error(`compression method ${method} is not known`);
  return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
}

function packedBytes(bytes: Buffer, { offset, packed }: Entry): Buffer {
  if (bytes.readUInt32LE(offset) !== SIGNATURE.local) throw new Error("its ZIP directory is damaged");
  const start = offset + LENGTH.local + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  return bytes.subarray(start, start + packed);
}

function* entriesOf(bytes: Buffer): Generator<[string, Entry]> {
  let at = directoryOf(bytes);
  while (at + LENGTH.central <= bytes.length && bytes.readUInt32LE(at) === SIGNATURE.central) {
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const behindName = at + LENGTH.central + name;
    yield [
      bytes.toString("utf8", at + LENGTH.central, behindName).replaceAll("\\", "/"),
      {
        flags: bytes.readUInt16LE(at + 8),
        method: bytes.readUInt16LE(at + 10),
        crc: bytes.readUInt32LE(at + 16),
        ...sizesOf(bytes, at, bytes.subarray(behindName, behindName + extra)),
      },
    ];
    at = behindName + extra + comment;
  }
}

function sizesOf(bytes: Buffer, at: number, extra: Buffer): Pick<Entry, "packed" | "size" | "offset"> {
  const large = field64(extra);
  const read = (field: number) => {
    const value = bytes.readUInt32LE(at + field);
    return value === IN_64_BITS ? (large.next().value ?? value) : value;
  };
  // In the order in which the long ones follow.
  const size = read(24);
  const packed = read(20);
  return { size, packed, offset: read(42) };
}

function* field64(extra: Buffer): Generator<number, undefined> {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== EXTRA_64) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    for (let value = at + 4; value + 8 <= end; value += 8) yield Number(extra.readBigUInt64LE(value));
    return undefined;
  }
  return undefined;
}

/** Where the list of entries begins. */
function directoryOf(bytes: Buffer): number {
  const tail = Math.max(0, bytes.length - LENGTH.end - MAX_COMMENT);
  const found = bytes.subarray(tail).lastIndexOf(SIGNATURE.end);
  const end = tail + found;
  if (found === -1 || end + LENGTH.end > bytes.length) throw new Error("it is no ZIP container, or cut off");
  const directory = bytes.readUInt32LE(end + 16);
  const locator = end - LENGTH.locator64;
  if (directory !== IN_64_BITS || locator < 0 || bytes.readUInt32LE(locator) !== SIGNATURE.locator64) return directory;
  const end64 = Number(bytes.readBigUInt64LE(locator + 8));
  if (bytes.readUInt32LE(end64) !== SIGNATURE.end64) throw new Error("its ZIP directory is damaged");
  return Number(bytes.readBigUInt64LE(end64 + 48));
}
