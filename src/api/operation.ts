/** What a tool is, apart from the protocol that offers it. */
import type { z } from "zod";
import type { App } from "../app/app.js";
import type { Ctx } from "../core/context.js";
import type { EmptyReason } from "../core/types.js";

export interface Outcome<O> {
  readonly value: O;
  /** The same essentials as text, for clients that drop structured data. */
  readonly text: string;
  /** For the call's span. */
  readonly summary?: { readonly results?: number; readonly topScore?: number; readonly emptyReason?: EmptyReason };
}

export interface Operation<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  readonly name: "retrieve" | "reindex" | "health";
  readonly title: string;
  readonly description: string;
  readonly input: I;
  readonly output: O;
  readonly readOnly: boolean;
  /** Whether CALL_TIMEOUT_MS bounds it. */
  readonly deadline: boolean;
  /** @throws AppError */
  run(app: App, input: z.output<I>, ctx: Ctx): Promise<Outcome<z.output<O>>>;
}

/** Keeps input and output types while a list holds many operations. */
export function operation<I extends z.ZodObject, O extends z.ZodObject>(definition: Operation<I, O>): Operation {
  return definition as unknown as Operation;
}
