/** Which repositories of a source have something else checked out than when their documents were last read. */
import type { Call } from "../core/call.js";
import type { Repositories } from "../core/ports.js";

type ByFolder = Readonly<Record<string, string>>;

interface Read {
  /** What was checked out then; absent: nobody looked. */
  readonly before: ByFolder | undefined;
  /** The way from the source down to what is read, `sub/folder`; "": all of it. */
  readonly below: string;
}

export class Checkouts {
  readonly #repositories: Repositories | undefined;
  readonly #read: Read;
  /** As it is before anything is read: what is switched meanwhile is seen by the next run. */
  readonly #now: ReadonlyMap<string, string>;

  private constructor(repositories: Repositories | undefined, read: Read, now: ReadonlyMap<string, string>) {
    this.#repositories = repositories;
    this.#read = read;
    this.#now = now;
  }

  static async of(call: Call, repositories: Repositories | undefined, read: Read): Promise<Checkouts> {
    const now = new Map<string, string>();
    for (const folder of ["", ...Object.keys(read.before ?? {})]) {
      const checkout = await repositories?.checkout(call, folder);
      if (checkout !== undefined) now.set(folder, checkout);
    }
    return new Checkouts(repositories, read, now);
  }

  /** Whether the innermost repository that a document lay in has been switched since it was read. */
  isSwitched(document: string): boolean {
    const { before = {} } = this.#read;
    const around = Object.keys(before).filter((folder) => document.startsWith(folder));
    const [folder] = around.sort((a, b) => b.length - a.length);
    const now = folder === undefined ? undefined : this.#now.get(folder);
    return folder !== undefined && now !== undefined && now !== before[folder];
  }

  /** To be kept once everything is read. @param added documents that were not there before; without a look before: all */
  async asRead(call: Call, added: Iterable<string>): Promise<ByFolder> {
    const { before = {} } = this.#read;
    const found = new Map(Object.entries(before));
    for (const [folder, checkout] of this.#now) if (this.#isRead(folder)) found.set(folder, checkout);
    for (const folder of (await this.#repositories?.holding(call, added)) ?? []) {
      const checkout = found.has(folder) ? undefined : await this.#repositories?.checkout(call, folder);
      if (checkout !== undefined) found.set(folder, checkout);
    }
    return Object.fromEntries(found);
  }

  /** Of a repository of which only a part is read the rest is as it was. */
  #isRead(folder: string): boolean {
    const { below } = this.#read;
    return below === "" || folder.startsWith(`${below}/`);
  }
}
