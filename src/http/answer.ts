/** Answers over HTTP: read as JSON, or turned into an error with the service's own words. */
import type { Dispatcher } from "undici";
import { sanitizeLine } from "../core/sanitize.js";
import { readStart, TooLongError } from "./body.js";
import { HttpError, NotJsonError } from "./faults.js";

export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  /** To be read, or dumped: its connection is busy until then. */
  readonly body: Dispatcher.ResponseData["body"];
}

const MAX_DETAIL = 300;
/** Of an error's text: what is behind is not looked at. */
const MAX_LOOKED_AT = 4_096;
/** Of what nobody wants: an error's page, the body of a redirect. */
const BRIEF = { maxBytes: 64 * 1024, maxMs: 5_000 };

/** @returns of any shape: the caller checks what it uses. @throws NotJsonError, TooLongError, SyntaxError */
export async function readJson({ headers, body }: Answer, maxBytes: number): Promise<unknown> {
  if (!isJson(headers)) {
    await readStart(body, BRIEF);
    throw new NotJsonError("The server answers with something that is not JSON");
  }
  const { bytes, isWhole } = await readStart(body, { maxBytes });
  if (!isWhole) throw new TooLongError(maxBytes);
  return JSON.parse(bytes.toString());
}

/** Its connection is free again, or closed. */
export async function discard({ body }: Answer): Promise<void> {
  await readStart(body, BRIEF);
}

/** @param reason where the service's JSON says what is wrong */
export async function toHttpError(
  { status, headers, body }: Answer,
  url: string,
  reason: (body: unknown) => unknown,
): Promise<HttpError> {
  const text = (await readStart(body, BRIEF)).bytes.toString();
  const json = isJson(headers);
  const detail = quoted(json ? reasonIn(text, reason) : text);
  return new HttpError({ status, detail, isJson: json, url, retryAfterMs: retryAfter(headers["retry-after"]) });
}

function isJson(headers: Answer["headers"]): boolean {
  return /\bjson\b/.test(String(headers["content-type"] ?? ""));
}

function reasonIn(text: string, reason: (body: unknown) => unknown): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? reason(parsed) : parsed;
  } catch {
    // A broken error is still an error: its text is what there is.
    return text;
  }
}

/** Marked as the server's words: whoever reads it must not take them for ours. */
function quoted(said: unknown): string {
  const words = (typeof said === "string" ? said : said == null ? "" : JSON.stringify(said))
    .slice(0, MAX_LOOKED_AT)
    .replace(/<[^<>]*>/g, " ");
  const line = sanitizeLine(words, MAX_DETAIL).replaceAll('"', "'");
  return line === "" ? "no reason given" : `the server said: "${line}"`;
}

/** Milliseconds from seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
