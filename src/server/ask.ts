/** A request's way to its answer: the app is opened by the first one, and what keeps it from opening is an answer too. */
import type { z } from "zod";
import { type Answer, answer, type Caller } from "../api/answer.js";
import type { Operation } from "../api/operation.js";
import type { App } from "../app/app.js";
import { Access } from "../core/access.js";
import { openCall } from "../core/call.js";
import { toAppError } from "../core/errors.js";

export async function ask<I extends z.ZodObject, O>(
  open: () => Promise<App>,
  operation: Operation<App, I, O>,
  input: unknown,
  caller: Caller,
): Promise<Answer<O>> {
  let app: App;
  try {
    app = await open();
  } catch (error) {
    const { trace } = openCall({ ...caller, access: Access.to([]) }).call;
    return { trace: trace.traceId, error: toAppError(error) };
  }
  return answer(app, operation, input, caller);
}
