/** What parent and child say to each other over the IPC channel (structured clone: typed arrays arrive as such). */
import { AppError, type ErrorCode, toAppError } from "../core/errors.js";

export type ToChild =
  | {
      readonly kind: "call";
      readonly id: number;
      readonly method: string;
      readonly args: unknown;
      readonly urgent: boolean;
    }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "close" };

export type ToParent =
  /** A long call goes on. */
  | { readonly kind: "alive" }
  /** What is known of an answer before the rest. */
  | { readonly kind: "part"; readonly id: number; readonly value: unknown }
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: WireError };

/** An `AppError` as plain data: classes do not survive the channel. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly retryAfterMs?: number;
}

export function toWire(thrown: unknown): WireError {
  const error = toAppError(thrown);
  return {
    code: error.code,
    message: error.message,
    remedy: error.remedy,
    retryAfterMs: error.retryAfterMs,
  };
}

export function fromWire(error: WireError): AppError {
  return new AppError(error.code, error.message, {
    remedy: error.remedy,
    retryAfterMs: error.retryAfterMs,
  });
}
