/** A value or an `AppError` as a tool result. */
import type { CallToolResult } from "@modelcontextprotocol/server";
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
