import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText } from "#src/source/encoding/decode.js";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();

describe("decodeText", () => {
  it("says nothing of valid UTF-8, and takes its mark off", () => {
    expect(decodeText(Buffer.from("\ufeffcrème 12 €\r\nend"))).toEqual({ text: "crème 12 €\r\nend" });
    expect(decodeText(Buffer.from('<meta charset="iso-8859-1"><p>Grüße'))?.text).toContain("Grüße");
  });

  it.each([
    ["with a mark", "\ufeffThe quokka paid 12 €."],
    ["without one, by its NUL bytes", "The quokka paid 12 €."],
  ])("reads UTF-16 in both orders %s", (_, source) => {
    const text = "The quokka paid 12 €.";
    expect(decodeText(Buffer.from(source, "utf16le"))).toEqual({ text, encoding: "utf-16le" });
    expect(decodeText(utf16be(source))).toEqual({ text, encoding: "utf-16be" });
  });

  it.each([
    ["windows-1252", '<meta charset="windows-1252"><p>Gr\xfc\xdfe 12 \x80', "Grüße 12 €"],
    ["windows-1252", '<?xml version="1.0" encoding="ISO-8859-1"?><a>Br\xf6tchen</a>', "Brötchen"],
    ["windows-1252", "#!/usr/bin/python\n# -*- coding: latin-1 -*-\n# Pr\xfcfung", "Prüfung"],
    ["windows-1252", "; -*- mode: lisp; coding: iso-8859-1-unix -*-\n; Pr\xfcfung", "Prüfung"],
    ["windows-1251", "/* vim: set fileencoding=cp1251 : */\n/* \xcf\xf0\xe8\xe2\xe5\xf2 */", "Привет"],
    ["shift_jis", '<meta http-equiv=Content-Type content="text/html; charset=Shift_JIS">\x88\xc4\x93\xe0', "案内"],
    ["iso-2022-jp", "\x1b$B2q5D\x1b(B", "会議"],
  ])("goes by a declaration of %s", (encoding, bytes, text) => {
    const decoded = decodeText(latin1(bytes));
    expect(decoded?.encoding).toBe(encoding);
    expect(decoded?.text).toContain(text);
  });

  it.each([
    [
      "windows-1252",
      latin1("Le caf\xe9 de la gare sert des cr\xeapes sucr\xe9es \x96 12 \x80."),
      "crêpes sucrées – 12 €.",
    ],
    ["windows-1252", latin1("caf\xe9"), "café"],
    ["shift_jis", Buffer.from("938c8b9e82cc93568b4382cd90b082ea82c582b78142", "hex"), "東京の天気は晴れです。"],
    ["koi8-r", Buffer.from("f0d2cfd4cfcbcfcc20d3cfc2d2c1cec9d1", "hex"), "Протокол собрания"],
    ["gb18030", Buffer.from("bbe1d2e9bcc7c2bca3bacfc2d6dcbcecb2e9d4a4cbe3a1a3", "hex"), "会议记录：下周检查预算。"],
  ])("detects %s", (encoding, bytes, text) => {
    const decoded = decodeText(bytes);
    expect(decoded?.encoding).toBe(encoding);
    expect(decoded?.text).toContain(text);
  });

  it("replaces a NUL, a block of them or a bad byte in a long text", () => {
    const log = "2026-01-01 ok\n".repeat(20);
    expect(decodeText(Buffer.from(`${log}dump: \0 end`))).toEqual({ text: `${log}dump: \ufffd end` });
    expect(decodeText(Buffer.concat([Buffer.from(log), Buffer.alloc(4096)]))).toEqual({ text: `${log}\ufffd` });
    const damaged = Buffer.concat([Buffer.from(`${log}crème `), Buffer.of(0xff), Buffer.from(" end")]);
    expect(decodeText(damaged)).toEqual({ text: `${log}crème \ufffd end`, encoding: "utf-8 (damaged)" });
  });

  it("reads the line ends of old Macs as line feeds", () => {
    expect(decodeText(Buffer.from("one\r\rtwo\r"))?.text).toBe("one\n\ntwo\n");
  });

  it("takes binary data for no text", () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff));
    expect(decodeText(bytes)).toBeUndefined();
    expect(decodeText(Buffer.concat([Buffer.of(0xff, 0xfe), bytes]))).toBeUndefined();
    expect(decodeText(Buffer.from("a\0b"))).toBeUndefined();
  });

  it("never throws, holds no NUL, and tells every encoding by a name that a decoder knows", () => {
    const start = fc.constantFrom(
      "",
      "\xff\xfe",
      "\xfe\xff",
      "\xef\xbb\xbf",
      "<meta charset=big5>",
      "# coding: euc-kr\n",
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
        const decoded = decodeText(Buffer.concat([latin1(head), tail]));
        expect(decoded?.text ?? "").not.toContain("\0");
        const name = decoded?.encoding?.replace(" (damaged)", "");
        if (name !== undefined) expect(new TextDecoder(name).encoding).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([0x1b, 0x80, 0xc3, 0xe9])("takes linear time for 10 MB of byte %i", (byte) => {
    const started = performance.now();
    decodeText(Buffer.alloc(10_000_000, byte));
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
