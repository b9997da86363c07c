/** One call from its arrival to its answer: who asks, what they may reach, until when, and the record of its stages. */
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { Access } from "./access.js";
import { type AppError, abortReason, timeoutError } from "./errors.js";
import type { Degraded, StageName, Variant } from "./types.js";

export type StageStatus = "ok" | "error" | "degraded";

/** Written once by `stage()`; the span, the histogram and the tool result all read it. */
export interface StageRecord {
  readonly name: StageName;
  readonly ms: number;
  readonly status: StageStatus;
  /** The texts of variants are users' words: a span says them as hash and length only. */
  readonly attrs: Record<string, string | number | boolean | readonly Variant[]>;
}

export interface Progress {
  readonly done: number;
  readonly total?: number;
  readonly message: string;
}

/** Who calls: rate limits and spans name it. */
export interface Principal {
  readonly id: string;
}

/** W3C trace context ids, lower-case hex. */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string | undefined;
}

/** First argument of every operation and of every port method that works for a caller. */
export interface Call {
  readonly principal: Principal;
  readonly access: Access;
  /** Aborts when the caller leaves, when the deadline is over, or when the part of the work it was narrowed to ends. */
  readonly signal: AbortSignal;
  /** By `performance.now()`; undefined: none. */
  readonly deadline: number | undefined;
  readonly trace: Trace;
  readonly stages: StageRecord[];
  readonly degraded: Degraded[];
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface CallOptions {
  readonly principal: Principal;
  readonly access: Access;
  /** The caller's: aborts when it leaves. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now. */
  readonly timeoutMs?: number | undefined;
  /** `traceparent` header value of the caller, if it sent one. */
  readonly traceparent?: string | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A call, or a part of one, that can be ended. */
export interface OpenCall {
  readonly call: Call;
  abort(reason: AppError): void;
  /** Lets go of timer and parents. Work that still goes on under it is not stopped. */
  end(): void;
}

/** A call whose deadline is kept by a timer that lives until `end`. */
export function openCall(options: CallOptions): OpenCall {
  const { principal, access, onProgress, timeoutMs } = options;
  const link = linkAbort(options.signal === undefined ? [] : [options.signal]);
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => link.abort(timeoutError()), timeoutMs);
  const call: Call = {
    principal,
    access,
    signal: link.signal,
    deadline: timeoutMs === undefined ? undefined : performance.now() + timeoutMs,
    trace: newTrace(options.traceparent),
    stages: [],
    degraded: [],
    onProgress,
  };
  return {
    call,
    abort: link.abort,
    end() {
      clearTimeout(timer);
      link.end();
    },
  };
}

/** Work that nobody waits for: it has no deadline and no caller. @param reason why it may reach everything */
export function backgroundCall(reason: string): Call {
  return openCall({ principal: { id: "server" }, access: Access.full(reason) }).call;
}

/** A part of a call's work, which ends with the call, with any of `others`, or by itself. */
export function branch(call: Call, ...others: readonly AbortSignal[]): OpenCall {
  const link = linkAbort([call.signal, ...others]);
  return { call: { ...call, signal: link.signal }, abort: link.abort, end: link.end };
}

/**
 * A signal that also aborts with its parents. Listeners on the parents hold it, which `AbortSignal.any` does not do on
 * Node 20 (nodejs/node #57736): there a composite signal can be collected while somebody waits for it.
 */
function linkAbort(parents: readonly AbortSignal[]) {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // each step of the work listens
  const listeners = parents.map((parent) => ({ parent, onAbort: () => controller.abort(abortReason(parent)) }));
  for (const { parent, onAbort } of listeners) {
    if (parent.aborted) onAbort();
    else parent.addEventListener("abort", onAbort, { once: true });
  }
  return {
    signal: controller.signal,
    abort: (reason: AppError) => controller.abort(reason),
    end() {
      for (const { parent, onAbort } of listeners) parent.removeEventListener("abort", onAbort);
    },
  };
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

function newTrace(traceparent = ""): Trace {
  const [, traceId = "", parentId = ""] = TRACEPARENT.exec(traceparent) ?? [];
  const isUsable = /[^0]/.test(traceId) && /[^0]/.test(parentId);
  return {
    traceId: isUsable ? traceId : randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    parentId: isUsable ? parentId : undefined,
  };
}

/** Milliseconds by stage, as the result shows them. */
export function timings(call: Call, totalMs: number): Partial<Record<StageName | "total", number>> {
  const sums: Partial<Record<StageName | "total", number>> = {};
  for (const { name, ms } of call.stages) sums[name] = (sums[name] ?? 0) + ms;
  sums.total = totalMs;
  for (const name of Object.keys(sums) as (StageName | "total")[]) {
    sums[name] = Math.round((sums[name] as number) * 100) / 100;
  }
  return sums;
}
