/** A value or an `AppError` as the protocol has it. */
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Outcome } from "../api/operation.js";
import type { AppError } from "../core/errors.js";
import { sanitize, sanitizeAll } from "../core/sanitize.js";
import type { Fed } from "./hosts.js";

/** Whatever an operation made of documents, names and jobs, nothing hidden leaves with it. */
export function okResult(outcome: Outcome<object>, fed: Fed): CallToolResult {
  const { value, text } = partsFor(outcome, fed);
  return {
    content: [{ type: "text", text: sanitize(text) }],
    structuredContent: sanitizeAll(value) as Record<string, unknown>,
  };
}

/** What is long stands in the part that the model gets; where nobody knows which, in the structured one, if the other is enough. */
function partsFor({ value, text, brief }: Outcome<object>, fed: Fed): Pick<Outcome<object>, "value" | "text"> {
  if (brief === undefined) return { value, text };
  if (fed === "text") return { value: brief.value, text };
  return fed === "structured" || brief.isEnough ? { value, text: brief.text } : { value, text };
}

/** Built here, because a thrown error would lose its code on the way. */
export function errorResult(error: AppError, traceId: string): CallToolResult {
  const { code, message, remedy, runbook } = error;
  return {
    isError: true,
    content: [{ type: "text", text: `${code}: ${message} ${remedy} (${runbook}, trace ${traceId})` }],
    structuredContent: {
      error: { ...fieldsOf(error), message },
      trace_id: traceId,
    },
  };
}

/**
 * For requests other than tool calls. The protocol has no codes of ours: they are in `data`, and the message says what to
 * do. @param uri of the resource that was asked for
 */
export function protocolError(error: AppError, traceId: string, uri?: string): ProtocolError {
  const { code, message, remedy } = error;
  const isInInput = code === "bad_request" || code === "not_found";
  const protocol = isInInput ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  const lead = uri !== undefined && code === "not_found" ? `Resource not found: ${uri}. ` : "";
  return new ProtocolError(protocol, `${lead}${message} ${remedy}`, { uri, ...fieldsOf(error), trace_id: traceId });
}

function fieldsOf({ code, stage, retryAfterMs, remedy, runbook }: AppError) {
  return { code, stage, retry_after_ms: retryAfterMs, remedy, runbook };
}
