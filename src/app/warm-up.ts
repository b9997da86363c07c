/** What the first question would wait for, loaded before anybody asks. */
import { backgroundCall } from "../core/call.js";
import type { ModelStatus } from "../core/ports.js";
import { retrieve } from "../retrieve/retrieve.js";
import type { LiveState } from "./live-state.js";

/**
 * Models whose files are here, and the way of a question through an own store. Never rejects: who asks hears what fails.
 * @param isStoreOwn nobody else's server is asked for nothing
 */
export async function warmUp({ config, profile, session }: LiveState, isStoreOwn: boolean): Promise<void> {
  const call = backgroundCall("nobody is shown what is found");
  const embedder = session.embedder(profile.embedder);
  const reranker =
    profile.reranking.kind === "none" ? undefined : session.reranker(profile.reranking, profile.embedder);
  // What is not here is downloaded when somebody asks.
  const here = [embedder, reranker].filter((part) => part !== undefined).filter((part) => isHere(part.status()));
  const question = { query: "warm up", collection: call.access.collection(config.collection), topK: 1 };
  await Promise.allSettled([
    ...here.map((part) => part.warmUp(call)),
    isStoreOwn && isHere(embedder.status())
      ? retrieve(call, session, profile, { ...question, rerank: here.length > 1 ? undefined : false })
      : undefined,
  ]);
}

function isHere({ state, isAbsent }: ModelStatus): boolean {
  return isAbsent !== true && (state === "idle" || state === "loading" || state === "ready");
}
