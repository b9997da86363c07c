import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Zip } from "#src/source/formats/container/zip.js";
import { zipOf } from "../containers.js";

describe("a ZIP container", () => {
  it("gives the text of its entries, whatever their encoding", () => {
    const zip = new Zip(zipOf({ "a/b.txt": "Ærø", "c.txt": Buffer.from("\ufeffwide", "utf16le") }));
    expect([zip.text("a/b.txt"), zip.text("c.txt"), zip.text("d")]).toEqual(["Ærø", "wide", undefined]);
  });

  it("unpacks 100 MB in all, and no more than an entry says that it holds", () => {
    const large = "a".repeat(60_000_000);
    const zip = new Zip(zipOf({ a: large, b: large }));
    expect(zip.text("a")).toHaveLength(60_000_000);
    expect(() => zip.text("b")).toThrow("it unpacks to more than 100 MB");
    const lying = zipOf({ a: "x".repeat(1_000) });
    const size = lying.indexOf("PK\x01\x02") + 24;
    lying.writeUInt32LE(10, size);
    expect(() => new Zip(lying).text("a")).toThrow();
    lying.writeUInt32LE(2_000, size);
    expect(() => new Zip(lying).text("a")).toThrow("a in it is damaged");
  });

  it("refuses what is encrypted, or packed in a way that it does not know", () => {
    const bytes = zipOf({ a: "text" });
    const at = bytes.indexOf("PK\x01\x02");
    bytes.writeUInt16LE(1, at + 8);
    expect(() => new Zip(bytes).text("a")).toThrow("it is password-protected");
    bytes.writeUInt16LE(0, at + 8);
    bytes.writeUInt16LE(14, at + 10);
    expect(() => new Zip(bytes).text("a")).toThrow("compression method 14 is not known");
  });

  it("may have its sizes and places in 64 bits", () => {
    const packed = deflateRawSync("wide");
    const plain = zipOf({ a: "wide" });
    const central = plain.indexOf("PK\x01\x02");
    const end = plain.indexOf("PK\x05\x06");
    const entry = Buffer.from(plain.subarray(central, end));
    entry.fill(0xff, 20, 28);
    entry.fill(0xff, 42, 46);
    entry.writeUInt16LE(28, 30);
    const extra = Buffer.alloc(28);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    extra.writeBigUInt64LE(4n, 4);
    extra.writeBigUInt64LE(BigInt(packed.length), 12);
    const end64 = Buffer.alloc(56);
    end64.write("PK\x06\x06", "latin1");
    end64.writeBigUInt64LE(BigInt(central), 48);
    const locator = Buffer.alloc(20);
    locator.write("PK\x06\x07", "latin1");
    locator.writeBigUInt64LE(BigInt(central + entry.length + extra.length), 8);
    const last = Buffer.from(plain.subarray(end));
    last.fill(0xff, 16, 20);
    const wide = Buffer.concat([plain.subarray(0, central), entry, extra, end64, locator, last]);
    expect(new Zip(wide).text("a")).toBe("wide");
  });

  it.each(["", "PK", "PK\x05\x06", `PK\x05\x06${"\xff".repeat(18)}`, `${"\0".repeat(70_000)}PK\x05\x06`])(
    "that is none, %j, is refused or empty, and never more",
    (bytes) => {
      let text: string | undefined;
      try {
        text = new Zip(Buffer.from(bytes, "latin1")).text("a");
      } catch (error) {
        expect((error as Error).message).toMatch(/ZIP|range/i);
      }
      expect(text).toBeUndefined();
    },
  );
});
