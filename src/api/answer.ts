/** The onion around everything a caller can reach: principal → access → deadline → admit → scope → parse → turn → run → record. */
import type { z } from "zod";
import type { App } from "../app/app.js";
import type { Access } from "../core/access.js";
import { type Call, openCall, type Principal, type Progress } from "../core/call.js";
import { traceOf } from "../core/error-trace.js";
import { AppError, abortReason, raceAbort, throwIfAborted, toAppError } from "../core/errors.js";
import { nearest } from "../core/nearest.js";
import { flagsOf } from "../core/profile.js";
import { sanitizeLine } from "../core/sanitize.js";
import { asMeant, isObject } from "./as-meant.js";
import { refuseBrokenText } from "./broken-text.js";
import type { Operation, Outcome, Scope } from "./operation.js";

/** Who calls, and how: what a transport knows. */
export interface Caller {
  readonly principal: Principal;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
  readonly client?: { readonly name: string; readonly version: string } | undefined;
  /** `traceparent` header value, if the caller sent one. */
  readonly traceparent?: string | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** What the caller's token allows; absent: everything. */
  readonly scopes?: ReadonlySet<Scope> | undefined;
  /** Waits for a place to work in, and returns what gives it back; absent: there is always one. @throws AppError */
  readonly turn?: ((call: Call) => Promise<() => void>) | undefined;
  /** Absent: what the configuration allows to tools. */
  readonly access?: Access | undefined;
  /** A person at a terminal: not rate limited, and told of inputs by the names that are typed. */
  readonly isTyping?: boolean;
}

/** What the edge needs of the app, whatever the operation. */
export type Edge = Pick<App, "live" | "flags" | "access" | "admit" | "record" | "log">;

export type Answer<O> =
  | { readonly trace: string; readonly outcome: Outcome<O>; readonly error?: undefined }
  | { readonly trace: string; readonly error: AppError; readonly outcome?: undefined };

/** Never rejects: what went wrong is part of the answer. @param raw the input as it came */
export async function answer<S, I extends z.ZodObject, O>(
  app: Edge & S,
  operation: Operation<S, I, O>,
  raw: unknown,
  caller: Caller,
): Promise<Answer<O>> {
  const started = performance.now();
  const { principal, client, isTyping = false } = caller;
  const progress = untilAnswered(caller.onProgress);
  const { call, end } = openCall({
    ...caller,
    onProgress: progress.tell,
    access: caller.access ?? app.access(),
    timeoutMs: operation.deadline ? app.live.callTimeoutMs : undefined,
  });
  let { flags } = app; // as they are when the call begins
  let outcome: Outcome<O> | undefined;
  let error: AppError | undefined;
  let isRejected = false;
  let giveBack: (() => void) | undefined;
  try {
    if (!isTyping) app.admit(principal);
    if (!mayCall(caller, operation)) throw forbidden(operation);
    const input = parse(operation, raw, isTyping, () => {
      isRejected = true;
    });
    throwIfAborted(call.signal); // the app may have taken its time to open
    if (operation.profile !== undefined) flags = flagsOf(operation.profile(app, input));
    // What has no deadline only waits for a job.
    if (operation.deadline) giveBack = await caller.turn?.(call);
    const running = operation.run(call, app, input);
    outcome = await (operation.deadline ? raceAbort(running, call.signal) : running);
  } catch (thrown) {
    error = call.signal.aborted ? abortReason(call.signal) : toAppError(thrown);
  } finally {
    giveBack?.();
    end();
    progress.end();
  }
  app.record({
    call,
    operation,
    client,
    flags,
    status: statusOf(error, isRejected),
    errorCode: error?.code,
    durationMs: performance.now() - started,
    input: isObject(raw) ? raw : {},
    output: outcome?.summary,
  });
  const trace = call.trace.traceId;
  if (error?.code === "bug" && !isTyping)
    app.log.error("a call ended with a bug", { trace_id: trace, err: traceOf(error) });
  return error === undefined ? { trace, outcome: outcome as Outcome<O> } : { trace, error };
}

export function mayCall({ scopes }: Pick<Caller, "scopes">, { scope = "search" }: Pick<Operation, "scope">): boolean {
  return scopes?.has(scope) ?? true;
}

function forbidden({ name, scope = "search" }: Pick<Operation, "name" | "scope">): AppError {
  return new AppError("forbidden", `Your token does not allow ${name}.`, {
    remedy: `Ask for a token with the scope "${scope}".`,
  });
}

/** Work may outlive its call: it then tells nobody, and holds nothing of the request. */
function untilAnswered(onProgress: Caller["onProgress"]) {
  let listener = onProgress;
  return {
    tell: listener && ((progress: Progress) => listener?.(progress)),
    end() {
      listener = undefined;
    },
  };
}

function parse<S, I extends z.ZodObject, O>(
  { name, input, typed }: Operation<S, I, O>,
  raw: unknown,
  isTyping: boolean,
  onRejected: () => void,
): z.output<I> {
  try {
    const meant = isTyping ? raw : asMeant(input, raw);
    refuseBrokenText(meant); // what came as JSON inside a text too
    const parsed = input.safeParse(meant);
    if (parsed.success) return parsed.data;
    throw isTyping ? badOptions(parsed.error, typed) : badInput(name, parsed.error, Object.keys(input.shape));
  } catch (error) {
    onRejected();
    throw error;
  }
}

function badInput(name: string, error: z.ZodError, known: readonly string[]): AppError {
  const problems = error.issues.slice(0, 5).map((issue) => {
    if (issue.code === "unrecognized_keys" && issue.path.length === 0) return unknownFields(issue.keys, known);
    return `${issue.path.join(".") || "input"}: ${issue.message}`;
  });
  return new AppError("bad_request", `Invalid input for ${name}: ${problems.join("; ").slice(0, 1_000)}.`, {
    remedy: "Correct the input and call again; the tool's input schema lists what is allowed.",
  });
}

function unknownFields(names: readonly string[], known: readonly string[]): string {
  const named = names.slice(0, 5).map((name) => {
    const near = nearest(name, known);
    return `there is no field ${JSON.stringify(sanitizeLine(name, 64))}${near === undefined ? "" : ` (did you mean ${near}?)`}`;
  });
  return `${named.join(", ")}; there are ${known.join(", ")}`;
}

function badOptions(error: z.ZodError, typed: Readonly<Record<string, string>> = {}): AppError {
  const spelt = ([field, ...inside]: readonly PropertyKey[]) => {
    const name = String(field);
    return [typed[name] ?? `--${name.replaceAll("_", "-")}`, ...inside.map(String)].join(" ");
  };
  const problems = error.issues.map(({ path, message }) => `${spelt(path)}: ${message}`).join("; ");
  return new AppError("bad_request", `${problems}.`, {
    remedy: "See `aura-retrieval --help` and the help of the command.",
  });
}

function statusOf(error: AppError | undefined, isRejected: boolean) {
  if (error === undefined) return "ok";
  if (isRejected) return "rejected";
  return error.code === "cancelled" ? "cancelled" : "error";
}
