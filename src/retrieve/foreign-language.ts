/** Whether a text is in a language that the model does not know: its cosines say little more than that. */
import type { Call } from "../core/call.js";
import type { Embedder } from "../core/ports.js";
import type { RetrievalEngine } from "./engine.js";

/** Code and names come apart as foreign words do, and mostly stand among English ones. */
export async function isForeign(
  call: Call,
  { engine, embedder }: { readonly engine: Pick<RetrievalEngine, "isEnglish">; readonly embedder: Embedder },
  text: string,
): Promise<boolean> {
  if (embedder.knowsWords === undefined || engine.isEnglish(text)) return false;
  return !(await embedder.knowsWords(call, text));
}
