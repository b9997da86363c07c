/** What the steps of a re-index have in common. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import type { CollectionInfo, CollectionSpec } from "../core/types.js";
import type { IndexParts } from "./index-documents.js";
import type { Input, InputParts } from "./input.js";
import type { JobTracker } from "./job-tracker.js";

export interface Build {
  /** Ends with the caller, and when the lease is lost. */
  readonly call: Call;
  readonly parts: IndexParts & InputParts;
  readonly input: Input;
  readonly alias: CollectionPass;
  /** Of the target. */
  readonly spec: CollectionSpec;
  /** The collection that is written. */
  readonly target: string;
  /** The target, where it serves already, or served before: it is changed document by document. */
  readonly live: CollectionInfo | undefined;
  /** What serves now; undefined: nothing yet. */
  readonly current: CollectionInfo | undefined;
  readonly tracker: JobTracker;
  /** Documents are written without vectors, and serve so; the vectors are made at the end of the run. */
  readonly wordsFirst: boolean;
}
