/** A value or an `AppError` as the protocol has it. */
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Outcome } from "../api/operation.js";
import type { AppError } from "../core/errors.js";

export function okResult({ value, text }: Outcome<object>): CallToolResult {
  return { content: [{ type: "text", text }], structuredContent: value as Record<string, unknown> };
}

/** Built here, because a thrown error would lose its code on the way. */
export function errorResult(error: AppError, traceId: string): CallToolResult {
  const { code, message, stage, retryAfterMs, remedy, runbook } = error;
  return {
    isError: true,
    content: [{ type: "text", text: `${code}: ${message} ${remedy} (${runbook}, trace ${traceId})` }],
    structuredContent: {
      error: {
        code,
        message,
        stage,
        retry_after_ms: retryAfterMs,
        remedy,
        runbook,
      },
      trace_id: traceId,
    },
  };
}

/** For requests other than tool calls. The protocol has no codes of ours: the message says what to do. */
export function protocolError({ code, message, remedy }: AppError): ProtocolError {
  const isCallers = code === "bad_request" || code === "not_found" || code === "rate_limited";
  const protocol = isCallers ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(protocol, `${message} ${remedy}`);
}
