/** What a run leaves out: every document counted by its reason, and some of each reason named. */
import { MOST_LISTED_CHARS, type SkippedDocument, type SkippedReason } from "../core/job.js";
import { sanitizeLine } from "../core/sanitize.js";

/** Documents listed by name; all are counted. */
const MAX_LISTED = 50;
const MAX_REASONS = 30;
const OTHERS = "other reasons";
/** A record of a file tells its line. */
const LINE = /^line \d+: /;

export class LeftOutDocuments {
  readonly #listed: SkippedDocument[] = [];
  readonly #counts = new Map<string, number>();

  add(document: string, reason: string): void {
    const kind = sanitizeLine(reason.replace(LINE, ""), MOST_LISTED_CHARS);
    const isNew = !this.#counts.has(kind) && this.#counts.size < MAX_REASONS;
    const counted = isNew || this.#counts.has(kind) ? kind : OTHERS;
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
    if (this.#listed.length === MAX_LISTED && isNew) this.#makeRoom();
    if (this.#listed.length === MAX_LISTED) return;
    this.#listed.push({
      document: sanitizeLine(document, MOST_LISTED_CHARS),
      reason: sanitizeLine(reason, MOST_LISTED_CHARS),
    });
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get listed(): readonly SkippedDocument[] {
    return [...this.#listed];
  }

  /** The most frequent first. */
  get reasons(): readonly SkippedReason[] {
    const reasons = Array.from(this.#counts, ([reason, documents]) => ({ reason, documents }));
    return reasons.sort((a, b) => b.documents - a.documents);
  }

  /** For an example of another reason: of the one that has most of them, the last goes. */
  #makeRoom(): void {
    const kinds = this.#listed.map(({ reason }) => reason.replace(LINE, ""));
    const often = (kind: string) => kinds.filter((each) => each === kind).length;
    const most = kinds.reduce((best, kind) => (often(kind) > often(best) ? kind : best));
    if (often(most) > 1) this.#listed.splice(kinds.lastIndexOf(most), 1);
  }
}
