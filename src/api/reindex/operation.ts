/** The `reindex` tool. */
import type { Tool } from "../operation.js";
import type { OperatorOptions, ReindexServices } from "./run.js";
import { input, MODES, output } from "./schema.js";

/** @param mayWait false: a job that takes longer than 25 s goes on without its caller, whatever that asks for */
export function reindexOperation(
  operator: OperatorOptions = {},
  mayWait = true,
): Tool<ReindexServices, typeof input, typeof output> {
  return {
    name: "reindex",
    title: "Index documents",
    description:
      "Brings the collection in line with a folder or file: new and changed documents are embedded, deleted ones removed, unchanged ones not " +
      'touched, so calling it again is cheap. mode "full" builds a new version, verifies it and switches in one step. ' +
      "Reads only folders the operator allowed (RETRIEVAL_ROOTS), of which " +
      '{"source": "."} is the first. ' +
      "Answers within 25 seconds; a longer job goes on, `health` reports on its id, and `cancel` ends it.",
    input,
    output,
    span: { settings: ["collection", "source", "mode", "dry_run", "wait"], words: MODES },
    typed: { source: "<source>" },
    readOnly: false,
    scope: "index",
    deadline: false,
    async run(call, app, input) {
      const { run } = await import("./run.js");
      return run(call, app, mayWait ? input : { ...input, wait: false }, operator);
    },
  };
}
