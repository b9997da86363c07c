/** What a question names exactly, a version or a file, outvotes every likeness. */

/**
 * The passages best first, ties by id. One that has everything the question names exactly comes before all that have
 * nothing of it: these keep `1 - share` of their score, and `share` is what having it is worth. Where no passage has any
 * of it, all stay as they are.
 * @param share 0..1, at least a half
 */
export function withExact<
  T extends { readonly score: number; readonly exact?: number; readonly candidate: { readonly id: string } },
>(passages: readonly T[], share: number): T[] {
  const best = passages.reduce((most, { exact = 0 }) => Math.max(most, exact), 0);
  if (best === 0) return [...passages];
  return passages
    .map((passage) => ({ ...passage, score: (1 - share * best) * passage.score + share * (passage.exact ?? 0) }))
    .sort((a, b) => b.score - a.score || (a.candidate.id < b.candidate.id ? -1 : 1));
}
