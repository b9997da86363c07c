/** What goes of the documents that a source no longer brings, and what stays until that is confirmed. */
import { wayDown } from "../core/sources.js";
import type { DocumentKey, HeldRemoval, SourceInfo } from "../core/types.js";
import { visibleTo } from "../versions/visible.js";
import type { Build } from "./build.js";
import { hashIn, splitKey } from "./document-keys.js";
import type { Indexed } from "./index-documents.js";
import { goneFrom, ownOf } from "./indexed-documents.js";
import type { Input } from "./input.js";

/** An incremental run that would remove more than this share of a source takes that for a mistake. */
const MOST_REMOVED_SHARE = 0.5;

/** What an incremental run may remove is judged by. */
export interface Judged {
  readonly input: Input;
  /** Versions of the documents of the collection by their keys, before the run. */
  readonly known: ReadonlyMap<string, string>;
  readonly sources: readonly SourceInfo[];
  /** Whether the caller sees a document: of others it is told nothing. */
  readonly isSeen: (key: DocumentKey) => boolean;
}

export async function judgedBy(
  { call, parts, input, live }: Pick<Build, "call" | "parts" | "input" | "live">,
  known: ReadonlyMap<string, string>,
): Promise<Judged> {
  const isSeen = live === undefined ? () => true : (await visibleTo(call, parts.store, live)).has;
  return { input, known, sources: await input.sources(call), isSeen };
}

export interface Removals {
  /** Keys of those that go. */
  readonly removed: readonly string[];
  /** Keys of those that are brought under another name now. */
  readonly renamed: readonly string[];
  /** How many are gone, and stay. */
  readonly held: number;
  /** With what is held back of each. */
  readonly sources: readonly SourceInfo[];
}

/** Everything that is gone goes. */
export function removeAll({ input, known, sources }: Judged, read: Indexed): Removals {
  return { ...goneFrom(ownOf(known, input), input, read), held: 0, sources: withHeld(sources, input, new Map()) };
}

/**
 * What stands elsewhere under another name is moved, not lost, and goes. What is lost goes too, unless that would be more
 * than half of its source; whoever switches a branch means it.
 */
export function holdBack(judged: Judged, read: Indexed): Removals {
  const { input, known, sources, isSeen } = judged;
  const own = ownOf(known, input);
  const { removed, renamed } = goneFrom(own, input, read);
  const ours = new Set(own);
  const there = new Set(read.present.values());
  for (const [key, version] of known) if (!ours.has(key) && isSeen(splitKey(key))) there.add(hashIn(version));
  const isSwitched = (key: string) => input.placement?.checkouts.isSwitched(input.renamed(splitKey(key)).document);
  const lost = removed.filter((key) => !there.has(hashIn(known.get(key) as string)) && !isSwitched(key));
  const held = new Map<string, HeldRemoval>();
  const all = countBySource(own);
  for (const [id, documents] of countBySource(lost)) {
    const before = sources.find((source) => source.id === id)?.held?.find(({ at }) => at === input.name);
    // What came since does not make the loss look small.
    const of = Math.min(all.get(id) as number, before?.of ?? Number.POSITIVE_INFINITY);
    if (documents > of * MOST_REMOVED_SHARE) held.set(id, { at: input.name, documents, of });
  }
  const staying = new Set(lost.filter((key) => held.has(splitKey(key).source)));
  return {
    removed: removed.filter((key) => !staying.has(key)),
    renamed,
    held: staying.size,
    sources: withHeld(sources, input, held),
  };
}

function countBySource(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const { source } = splitKey(key);
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}

/** What was held back of the same place, or of one in it, is judged by this reading. */
function withHeld(
  sources: readonly SourceInfo[],
  input: Input,
  found: ReadonlyMap<string, HeldRemoval>,
): readonly SourceInfo[] {
  return sources.map(({ held: before = [], ...source }) => {
    const now = found.get(source.id);
    const elsewhere = before.filter(({ at }) => wayDown(input.name, at) === undefined);
    const held = now === undefined ? elsewhere : [...elsewhere, now];
    return held.length === 0 ? source : { ...source, held };
  });
}
