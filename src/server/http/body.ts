/** The body of a request as the messages in it, bounded in bytes and in depth. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonContentType, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { checkBatch } from "../batch.js";
import { checkMessage } from "../message.js";
import { errorAnswer, type Refusal } from "../refusal.js";
import type { Refused } from "./refuse.js";

/** No message of the protocol needs as much. */
const MAX_DEPTH = 64;
/** Of a client that names none. */
const UNNAMED_VERSION = "2025-03-26";

/** @property refusals answers to what in a batch is no message */
export interface Posted {
  readonly messages: readonly JSONRPCMessage[];
  readonly refusals: readonly string[];
  readonly isBatch: boolean;
}

export async function readPosted(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Posted | Refused> {
  const { headers } = request;
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") return { status: 415, reason: "The body must not be compressed." };
  if (!isJsonContentType(headers["content-type"] ?? null))
    return { status: 415, reason: "Content-Type must be application/json." };
  const tooLong = { status: 413, reason: `The body is longer than ${maxBytes} bytes.` };
  if (Number(headers["content-length"] ?? 0) > maxBytes) return tooLong;
  if (headers.expect !== undefined) response.writeContinue();
  const bytes = await read(request, maxBytes);
  return bytes === undefined ? tooLong : parse(bytes, String(headers["mcp-protocol-version"] ?? UNNAMED_VERSION));
}

/** @returns nothing for a body that is too long, of which the rest is not read @throws Error when its sender leaves */
function read(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((done, fail) => {
    if (request.destroyed) return fail(new Error("The sender left before its body was read."));
    const parts: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) return void parts.push(chunk);
      request.off("data", onData).pause();
      done(undefined);
    };
    request.on("data", onData);
    request.once("end", () => done(Buffer.concat(parts)));
    request.once("error", fail).once("close", () => fail(new Error("The request was not sent whole.")));
  });
}

function parse(bytes: Buffer, version: string): Posted | Refused {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return refused({ reason: "The body is not valid JSON.", id: null });
  }
  if (isDeeper(value, MAX_DEPTH)) return refused({ reason: "The body is nested deeper than 64 levels.", id: null });
  if (!Array.isArray(value)) {
    const checked = checkMessage(value);
    return "message" in checked ? { messages: [checked.message], refusals: [], isBatch: false } : refused(checked);
  }
  const batch = checkBatch(value, version);
  if ("reason" in batch) return refused(batch);
  const refusals = batch.refusals.flatMap(({ reason, id }) => (id === undefined ? [] : [errorAnswer(reason, id)]));
  return { messages: batch.messages, refusals, isBatch: true };
}

function refused({ reason, id = null }: Refusal): Refused {
  return { status: 400, reason, rpc: errorAnswer(reason, id) };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}
