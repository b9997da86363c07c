/** Profiles for tests that bring their own parts. */
import type { RetrievalProfile } from "#src/core/profile.js";

/** Both legs and nothing else, but for what is named. */
export function testProfile(own: Partial<RetrievalProfile> = {}): RetrievalProfile {
  return {
    name: "test",
    embedder: { kind: "pseudo" },
    legs: "hybrid",
    candidates: 100,
    denseWeight: "auto",
    expansion: { kind: "none" },
    reranking: { kind: "none" },
    ...own,
  };
}
