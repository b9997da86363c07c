import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Refusal } from "#src/core/ports.js";
import type { ParsedDocument } from "#src/core/types.js";
import { eml } from "#src/source/formats/eml.js";

const parse = (content: string | Uint8Array) => eml.parse(Buffer.from(content));
async function read(content: string | Uint8Array): Promise<ParsedDocument> {
  const parsed: ParsedDocument | Refusal = await parse(content);
  return "reason" in parsed ? expect.unreachable(parsed.reason) : parsed;
}
const mail = (headers: string, body: string) => `From: a@example.com\r\nSubject: x\r\n${headers}\r\n\r\n${body}`;
const bodyOf = ({ text }: ParsedDocument) => text.slice(text.indexOf("\n\n") + 2);
const slices = ({ text, blocks }: ParsedDocument) => blocks.map(({ start, end }) => text.slice(start, end));

describe("an e-mail", () => {
  it("has its subject as title, people, day and attachments as fields and as text, and the text that was written", async () => {
    const storks = await read(readFileSync(new URL("../fixtures/storks.eml", import.meta.url)));
    expect(storks.title).toBe("Zählung der Störche – März");
    expect(storks.lines).toBeUndefined();
    expect(storks.metadata).toEqual({
      from: "haakon@example.com",
      author: "Ærø Håkon",
      to: ["team@example.com", "b@example.com"],
      cc: ["a@example.com", "c@example.com"],
      date: "2024-03-12T08:00:00.000Z",
      attachments: ["Zählung 2024.pdf"],
    });
    expect(slices(storks)).toEqual([
      [
        "From: Ærø Håkon <haakon@example.com>",
        "To: Team <team@example.com>, b@example.com",
        "Cc: a@example.com, c@example.com",
        "Date: 2024-03-12T08:00:00.000Z",
        "Attachments: Zählung 2024.pdf",
      ].join("\n"),
      "Grüße aus Ærø.",
      expect.stringMatching(/^Wir haben 38 Störche gezählt/),
      "> quoted",
    ]);
  });

  it("of HTML alone is read as our HTML is", async () => {
    const html =
      "<h1>One</h1><p style='display:none'>x</p><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>";
    const parsed = await read(
      mail(
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64",
        Buffer.from(html).toString("base64"),
      ),
    );
    expect(parsed.blocks.map(({ headings }) => headings)).toEqual([[], ["One"], ["One"]]);
    expect(bodyOf(parsed)).toBe("One\n\na | b\n1 | 2");
    const { header } = parsed.blocks[2] ?? {};
    expect(parsed.text.slice(header?.start, header?.end)).toBe("a | b");
  });

  it.each([
    [
      "quoted-printable",
      mail(
        "Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable",
        "Cr=EApes =96 5=A0=\r\n=80",
      ),
      "Crêpes – 5\u00a0€",
    ],
    ["ISO-2022-JP", mail("Content-Type: text/plain; charset=iso-2022-jp", "\u001b$BIY;N;3\u001b(B"), "富士山"],
    ["UTF-8 that nothing declares", mail("X-A: b", "Crêpes 富士山"), "Crêpes 富士山"],
    [
      "Latin letters that nothing declares",
      Buffer.from(mail("X-A: b", "Les crêpes sucrées sont très bonnes."), "latin1"),
      "Les crêpes sucrées sont très bonnes.",
    ],
  ])("is decoded: %s", async (_, content, text) => {
    expect(bodyOf(await read(content))).toBe(text);
  });

  it("that is encrypted, or none, is refused", async () => {
    const encrypted = mail(
      "Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64",
      "AAAA",
    );
    expect(await parse(encrypted)).toEqual({ reason: "encrypted (S/MIME or PGP)" });
    await expect(parse("hello\n\nworld")).rejects.toThrow("it has no header of a mail");
  });

  it("nested deeper than anybody writes is refused", async () => {
    const parts = Array.from(
      { length: 40 },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    );
    await expect(parse(`From: a@example.com\r\n${parts.join("")}\r\nx`)).rejects.toThrow(/nesting/i);
  });
});
