/** A parsed value as a JSON-RPC message of the protocol, or the reason why it is none. */
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  RELATED_TASK_META_KEY,
  type RequestId,
} from "@modelcontextprotocol/server";
import type { Reason, Refusal } from "./refusal.js";

export type Checked = { readonly message: JSONRPCMessage } | Refusal;

/** As strict as the library's own schemas, which drop what does not fit without an answer. */
export function checkMessage(value: unknown): Checked {
  if (!isObject(value)) return { reason: "A message must be a JSON object.", id: null };
  const { jsonrpc, id, method, params } = value;
  const isRequest = "id" in value;
  const answerTo = isId(id) || typeof id === "number" ? id : null;
  if (!("method" in value) && ("result" in value || "error" in value)) return checkResponse(value);
  if (jsonrpc !== "2.0") return { reason: 'jsonrpc must be "2.0".', id: answerTo };
  if (isRequest && !isId(id)) return { reason: "id must be a string or an integer.", id: answerTo };
  if (typeof method !== "string") return { reason: "method must be a string.", id: answerTo };
  const reason = paramsFault(params);
  // A notification is never answered.
  if (reason !== undefined) return { reason, id: isRequest ? answerTo : undefined };
  // Other members are left out: the library would drop the message for their sake.
  const message = {
    jsonrpc,
    ...(isRequest ? { id } : {}),
    method,
    ...(params === undefined ? {} : { params: method === "tools/call" ? withArguments(params as Fields) : params }),
  };
  return { message: message as JSONRPCMessage };
}

/** No arguments written as null are none, and those written as text are what it says; the library would refuse both. */
function withArguments({ arguments: given, ...params }: Fields): Fields {
  if (given === undefined || given === null) return params;
  if (typeof given !== "string") return { ...params, arguments: given };
  try {
    const read: unknown = given.trim() === "" ? {} : JSON.parse(given);
    return read === null ? params : { ...params, arguments: read };
  } catch {
    return { ...params, arguments: given };
  }
}

/** Never answered: two sides that answer each other's faulty answers would not come to an end. */
function checkResponse(value: object): Checked {
  if (isJSONRPCResultResponse(value) || isJSONRPCErrorResponse(value)) return { message: value };
  return {
    reason: "A response must have either a result object or an error with a code and a message.",
    id: undefined,
  };
}

function paramsFault(params: unknown): Reason | undefined {
  if (params === undefined) return undefined;
  if (!isObject(params)) return "params must be an object.";
  const meta = params._meta;
  if (meta === undefined) return undefined;
  if (!isObject(meta)) return "params._meta must be an object.";
  const { progressToken, [RELATED_TASK_META_KEY]: task } = meta;
  if (progressToken !== undefined && !isId(progressToken))
    return "params._meta.progressToken must be a string or an integer.";
  if (task !== undefined && !(isObject(task) && typeof task.taskId === "string"))
    return "The related task in params._meta must be an object with a taskId.";
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Integers beyond 2^53 have lost digits already. */
function isId(value: unknown): value is RequestId {
  return typeof value === "string" || Number.isSafeInteger(value);
}

const ID = String.raw`"id"\s*:\s*(-?\d{1,15}|"(?:[^"\\]|\\.){0,128}")\s*`;
/** The id before any nested value, or at the end behind `jsonrpc`, where the usual clients write it. */
const FIRST = new RegExp(String.raw`^\s*\{\s*(?:"(?:jsonrpc|method)"\s*:\s*"[^"\\]*"\s*,\s*)*${ID}[,}]`);
const LAST = new RegExp(String.raw`"jsonrpc"\s*:\s*"2\.0"\s*,\s*${ID}\}\s*$`);

/** The id of a message that cannot be parsed, where it is beyond doubt the message's own. */
export function idIn(start: string, end: string): RequestId | null {
  const found = /^\s*\{/.test(start) ? (FIRST.exec(start) ?? LAST.exec(end))?.[1] : undefined;
  try {
    return found === undefined ? null : (JSON.parse(found) as RequestId);
  } catch {
    return null; // a string with a broken escape
  }
}
