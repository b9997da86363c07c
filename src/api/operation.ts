/** An operation: what a caller can ask for, apart from the protocol that carries it. Described once, in its own folder. */
import type { z } from "zod";
import type { Call } from "../core/call.js";
import type { RetrievalProfile } from "../core/profile.js";
import type { SpanFields } from "../core/span-fields.js";
import type { EmptyReason } from "../core/types.js";

export interface Outcome<O> {
  readonly value: O;
  /** The same essentials as text, for clients that drop structured data. */
  readonly text: string;
  /** Where both would say the same at length. */
  readonly brief?: Brief<O> | undefined;
  /** For the call's span. */
  readonly summary?: OutcomeSummary | undefined;
}

/** The forms that stand beside one that says everything. */
export interface Brief<O> {
  readonly value: O;
  readonly text: string;
  /** Whether a reader of the text alone can go on with it. */
  readonly isEnough: boolean;
}

/** What a caller's token may allow, where tokens say so: to ask, or to index. */
export type Scope = "search" | "index";

export interface OutcomeSummary {
  readonly results?: number | undefined;
  readonly topScore?: number | undefined;
  readonly emptyReason?: EmptyReason | undefined;
}

/** @typeParam Services the part of the app that it works with */
export interface Operation<Services = never, I extends z.ZodObject = z.ZodObject, O = object> {
  readonly name: string;
  readonly input: I;
  readonly span: SpanFields;
  /** What people type for an input on the command line, where it is not the input's name with dashes. */
  readonly typed?: Readonly<Record<string, string>>;
  /** What a caller needs; absent: `search`. */
  readonly scope?: Scope;
  /** Whether CALL_TIMEOUT_MS bounds it. */
  readonly deadline: boolean;
  /** The profile that answers this input: the call's flags are those of it. Absent: the default. @throws AppError */
  profile?(app: Services, input: z.output<I>): RetrievalProfile;
  /** @throws AppError */
  run(call: Call, app: Services, input: z.output<I>): Promise<Outcome<O>>;
}

/** An operation that clients see as a tool. */
export interface Tool<Services = never, I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject>
  extends Operation<Services, I, z.output<O>> {
  readonly title: string;
  readonly description: string;
  readonly output: O;
  readonly readOnly: boolean;
}
