/** E-mail (.eml): who wrote to whom and when, the text as it was written or that of its HTML, and the names of what was attached. */
import type { Address, Email } from "postal-mime";
import type { Metadata, ParsedDocument } from "../../core/types.js";
import { decodeText } from "../encoding/decode.js";
import { wellFormed } from "./characters.js";
import { type BinaryFormat, paragraphBlocks } from "./format.js";
import { parseHtml } from "./html.js";
import { joined } from "./joined.js";

/** The library compares each line that begins with two hyphens with the boundary of every part around it. */
const MAX_NESTING = 32;
const MAX_NESTED_MAILS = 3;
/** Of addresses, and of attachments. */
const MOST_NAMES = 100;
const ENCRYPTED = new Set(["application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"]);

export const eml: BinaryFormat = {
  kind: "binary",
  name: "email",
  version: "email-1",
  async parse(bytes) {
    const mail = await readMail(bytes);
    if (![mail.from, mail.to, mail.subject, mail.date].some((field) => field !== undefined)) {
      throw new Error("it has no header of a mail");
    }
    const body = bodyOf(mail);
    if (body.blocks.length === 0 && mail.attachments.some(({ mimeType }) => ENCRYPTED.has(mimeType))) {
      return { reason: "encrypted (S/MIME or PGP)" };
    }
    const head = headOf(mail);
    return { title: lineOf(mail.subject), metadata: metadataOf(mail), ...textOf([verbatim(head, "lines"), body]) };
  },
};

async function readMail(bytes: Uint8Array): Promise<Email> {
  const { default: PostalMime } = await import("postal-mime");
  const limits = { maxNestingDepth: MAX_NESTING, maxRfc822NestingDepth: MAX_NESTED_MAILS };
  const mail = await PostalMime.parse(bytes, limits);
  if (![mail.subject, mail.text, mail.html].some((text) => text?.includes("\ufffd"))) return mail;
  // Not in the encoding that it says, or that it has without saying: detected as any file's.
  const decoded = decodeText(bytes);
  return decoded === undefined ? mail : PostalMime.parse(decoded.text, limits);
}

function textOf(parts: readonly ParsedDocument[]): Pick<ParsedDocument, "text" | "blocks"> {
  const { text, blocks } = joined(parts.filter((part) => part.blocks.length > 0));
  return { text, blocks };
}

function bodyOf({ text = "", html = "" }: Email): ParsedDocument {
  if (text.trim() !== "") return verbatim(clean(text).replaceAll("\r\n", "\n").trim(), "prose");
  return parseHtml(clean(html));
}

/** The bytes from 80 to 9F, which are no text where some versions of Node decode windows-1252 (nodejs/node#56542). */
const BEHIND_ASCII = new TextDecoder("windows-1252").decode(
  Uint8Array.from({ length: 0x20 }, (_, i) => 0x80 + i),
  { stream: true },
);

function clean(text: string): string {
  return wellFormed(text).replace(/[\u0080-\u009f]/g, (sign) => BEHIND_ASCII.charAt(sign.charCodeAt(0) - 0x80));
}

function verbatim(text: string, kind: "lines" | "prose"): ParsedDocument {
  return { text, blocks: paragraphBlocks(text, kind) };
}

function headOf(mail: Email): string {
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ["From", mailboxesOf(mail.from).map(shown)],
    ["To", mailboxesOf(mail.to).map(shown)],
    ["Cc", mailboxesOf(mail.cc).map(shown)],
    ["Date", [lineOf(mail.date) ?? ""]],
    ["Attachments", attachmentsOf(mail)],
  ];
  return fields
    .flatMap(([name, values]) => (values.join("") === "" ? [] : [`${name}: ${values.join(", ")}`]))
    .join("\n");
}

function metadataOf(mail: Email): Metadata {
  const [from] = mailboxesOf(mail.from);
  const fields: Readonly<Record<string, string | readonly string[] | undefined>> = {
    from: from?.address,
    author: from?.name,
    to: mailboxesOf(mail.to).map(({ address }) => address),
    cc: mailboxesOf(mail.cc).map(({ address }) => address),
    // What is no date is left as it was written.
    date: Number.isNaN(Date.parse(mail.date ?? "")) ? undefined : mail.date,
    attachments: attachmentsOf(mail),
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined || value.length === 0 ? [] : [[name, value]],
    ),
  );
}

interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Those of groups too; addresses in small letters, so that a filter finds them. */
function mailboxesOf(addresses: Address | readonly Address[] = []): Mailbox[] {
  return [addresses]
    .flat()
    .flatMap((each) => each.group ?? [each])
    .slice(0, MOST_NAMES)
    .map(({ name, address = "" }) => ({ name: lineOf(name) ?? "", address: (lineOf(address) ?? "").toLowerCase() }))
    .filter(({ name, address }) => name !== "" || address !== "");
}

function shown({ name, address }: Mailbox): string {
  return name === "" || address === "" ? name + address : `${name} <${address}>`;
}

function attachmentsOf({ attachments }: Email): string[] {
  return attachments.flatMap(({ filename }) => lineOf(filename) ?? []).slice(0, MOST_NAMES);
}

function lineOf(text: string | null | undefined): string | undefined {
  return (
    wellFormed(text ?? "")
      .replace(/\s+/g, " ")
      .trim() || undefined
  );
}
