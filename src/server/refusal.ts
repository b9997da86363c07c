/** Reasons why a message is refused, and the JSON-RPC error that tells its sender. */
import { ProtocolErrorCode, type RequestId } from "@modelcontextprotocol/server";

const { ParseError, InvalidRequest, InvalidParams, InternalError } = ProtocolErrorCode;

/** Every reason with its code. The texts are fixed: neither an answer nor the log repeats what the sender wrote. */
const CODES = {
  "The line is not valid JSON.": ParseError,
  "The message is longer than 10 MiB.": InvalidRequest,
  "The body is not valid JSON.": ParseError,
  "The body is nested deeper than 64 levels.": InvalidRequest,
  "A message must be a JSON object.": InvalidRequest,
  'jsonrpc must be "2.0".': InvalidRequest,
  "id must be a string or an integer.": InvalidRequest,
  "method must be a string.": InvalidRequest,
  "A response must have either a result object or an error with a code and a message.": InvalidRequest,
  "params must be an object.": InvalidParams,
  "params._meta must be an object.": InvalidParams,
  "params._meta.progressToken must be a string or an integer.": InvalidParams,
  "The related task in params._meta must be an object with a taskId.": InvalidParams,
  "Batches are served with protocol version 2025-03-26 only.": InvalidRequest,
  "A batch must hold at least one message.": InvalidRequest,
  "A batch may hold 100 messages at most.": InvalidRequest,
  "initialize must not be part of a batch.": InvalidRequest,
  "The answers of this batch are too long together. Send this request alone.": InternalError,
} as const satisfies Readonly<Record<string, ProtocolErrorCode>>;

export type Reason = keyof typeof CODES;

export interface Refusal {
  readonly reason: Reason;
  /** Of the refused request, null where it has none that can be used; undefined where no answer is allowed. */
  readonly id: RequestId | null | undefined;
}

/** JSON-RPC demands `id: null` where no id could be read. */
export function errorAnswer(reason: Reason, id: RequestId | null): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code: CODES[reason], message: reason } });
}
