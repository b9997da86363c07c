/** What became of the files of an answer's passages since they were indexed, as far as that is quickly seen. */
import type { Call } from "../core/call.js";
import { pathOf, sourceOf } from "../core/sources.js";
import type { DocumentRecord, SourceInfo, Stale } from "../core/types.js";
import type { Passage, Retrieved } from "../retrieve/retrieve.js";

/** For the files of one answer together: it comes without what is not known by then. */
const PATIENCE_MS = 100;
/** Looked at together: each that hangs keeps one of the few threads that read files. */
const LANES = 2;

export interface File {
  readonly path: string;
  /** The source's folder, or its file. */
  readonly source: string;
  readonly record: DocumentRecord;
}

export interface FreshnessParts {
  /** What became of a file; undefined: nothing, or nobody can tell. */
  stale(call: Call, file: File): Promise<Stale | undefined>;
  /** Whether this caller may have the file looked at. */
  mayRead(call: Call, path: string): Promise<boolean>;
}

export class Freshness {
  readonly #parts: FreshnessParts;
  /** Answers that went out before their files were known, while those are still looked at. */
  #overdue = 0;

  constructor(parts: FreshnessParts) {
    this.#parts = parts;
  }

  /** By passage id; those without an entry are as they were, or nobody can tell. Never rejects. */
  async of(
    call: Call,
    { passages, sources }: Pick<Retrieved, "passages" | "sources">,
  ): Promise<ReadonlyMap<string, Stale>> {
    const stale = new Map<string, Stale>();
    // A share that does not answer is waited for once.
    if (this.#overdue > 0) return stale;
    const files = filesOf(passages, sources);
    // What was begun ends also when the answer has gone out: a hash that is known makes the next one quick.
    const asking = { ...call, signal: new AbortController().signal };
    const lane = async () => {
      for (let next = files.pop(); next !== undefined; next = files.pop()) {
        const { file, ids } = next;
        const found = (await this.#parts.mayRead(call, file.path)) && (await this.#parts.stale(asking, file));
        if (found) for (const id of ids) stale.set(id, found);
      }
    };
    const lanes = Promise.allSettled(Array.from({ length: LANES }, lane));
    const left = call.deadline === undefined ? PATIENCE_MS : (call.deadline - performance.now()) / 2;
    if (!(await endsWithin(lanes, Math.min(PATIENCE_MS, left)))) {
      this.#overdue++;
      void lanes.then(() => this.#overdue--);
    }
    files.length = 0;
    return new Map(stale);
  }
}

interface Asked {
  readonly file: File;
  /** Of the passages that come from it. */
  readonly ids: string[];
}

/** The best passage's file last: it is taken first. */
function filesOf(passages: readonly Passage[], sources: readonly SourceInfo[]): Asked[] {
  const files = new Map<string, Asked>();
  for (const { point } of passages) {
    const { record } = point;
    const from = sourceOf(sources, record.source);
    const path = pathOf(from, record);
    if (path === undefined) continue;
    const key = `${path}\0${record.hash}`;
    const source = pathOf({ ...from, kind: "file" }, record);
    const asked = files.get(key) ?? { file: { path, source: source ?? path, record }, ids: [] };
    asked.ids.push(point.id);
    files.set(key, asked);
  }
  return [...files.values()].reverse();
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([work.then(() => true), patience]);
  clearTimeout(timer);
  return inTime;
}
