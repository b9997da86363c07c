/** What a command has to work with. */
import { z } from "zod";
import { answer } from "../api/answer.js";
import type { Operation, Outcome } from "../api/operation.js";
import type { App } from "../app/app.js";
import type { Env } from "../config/load.js";
import { Access } from "../core/access.js";
import type { Call, Progress } from "../core/call.js";

export interface Shell {
  readonly signal: AbortSignal;
  /** Environment with the named `--env-file` under it. @throws AppError `config` */
  env(): Env;
  /** An app that is the caller's to close. @param settings over the environment */
  openApp(settings?: Env): Promise<App>;
  /** Runs with an app that is closed afterwards. */
  withApp<T>(run: (app: App) => Promise<T>): Promise<T>;
  /** @param answer an object is printed as JSON */
  print(answer: string | object): void;
}

const OPERATOR = { id: "operator" };
const ACCESS = Access.full("who types commands reads the store's files anyway");

/** A tool's operation from the command line: the same input check, the same edge, the same answer. */
export async function ask<S, I extends z.ZodObject, O>(
  app: App & S,
  operation: Operation<S, I, O>,
  input: Record<string, unknown>,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: (progress: Progress) => void },
): Promise<Outcome<O>> {
  const caller = { principal: OPERATOR, access: ACCESS, signal, onProgress, isTyping: true };
  const { outcome, error } = await answer(app, operation, input, caller);
  if (error !== undefined) throw error;
  return outcome;
}

const nothing = z.strictObject({});

/** An operator's own command, which no tool has: through the same edge. @param name for its span */
export async function operate<T>(
  shell: Pick<Shell, "signal"> & { readonly onProgress?: (progress: Progress) => void },
  app: App,
  name: string,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  const operation: Operation<App, typeof nothing, { readonly result: T }> = {
    name,
    input: nothing,
    span: {},
    deadline: false,
    run: async (call) => ({ value: { result: await run(call) }, text: "" }),
  };
  const { value } = await ask(app, operation, {}, shell);
  return value.result;
}

/** The same with an app of its own. */
export function operateOnce<T>(shell: Shell, name: string, run: (app: App, call: Call) => Promise<T>): Promise<T> {
  return shell.withApp((app) => operate(shell, app, name, (call) => run(app, call)));
}
