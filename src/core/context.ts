/** What one call carries through the pipeline: identity, cancellation, and the record of its stages. */
import { randomBytes } from "node:crypto";
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

export interface Ctx {
  /** W3C trace context ids, lower-case hex. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly signal: AbortSignal;
  readonly stages: StageRecord[];
  readonly degraded: Degraded[];
  readonly onProgress?: (progress: Progress) => void;
  /** True when the location was typed by the operator (CLI), not sent by an agent. */
  readonly trusted: boolean;
}

export interface CtxOptions {
  /** `traceparent` header value of the caller, if it sent one. */
  readonly traceparent?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly trusted?: boolean;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

export function createCtx(options: CtxOptions): Ctx {
  const parent = TRACEPARENT.exec(options.traceparent ?? "");
  const usable = parent !== null && !/^0+$/.test(parent[1] as string) && !/^0+$/.test(parent[2] as string);
  return {
    traceId: usable ? (parent[1] as string) : randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    ...(usable ? { parentId: parent[2] as string } : {}),
    signal: options.signal,
    stages: [],
    degraded: [],
    trusted: options.trusted ?? false,
    onProgress: options.onProgress,
  };
}

/** Milliseconds by stage, as the result shows them. */
export function timings(ctx: Ctx, totalMs: number): Partial<Record<StageName | "total", number>> {
  const sums: Partial<Record<StageName | "total", number>> = {};
  for (const { name, ms } of ctx.stages) sums[name] = (sums[name] ?? 0) + ms;
  sums.total = totalMs;
  for (const name of Object.keys(sums) as (StageName | "total")[]) {
    sums[name] = Math.round((sums[name] as number) * 100) / 100;
  }
  return sums;
}
