/** What a caller may reach: the collections it may name, the folders whose documents it sees, and which paths it may read. */
import { noCollection } from "./not-found.js";

/** Only this file can make one: code that opens a collection demands it, so no name that a caller gives reaches a store unchecked. */
const GRANTED = Symbol("granted");

/** Permission to open the collection (an alias or one of its versions) of this name. */
export class CollectionPass {
  readonly name: string;

  constructor(granted: typeof GRANTED, name: string) {
    if (granted !== GRANTED) throw new TypeError("A collection pass is made by Access only.");
    this.name = name;
  }

  /**
   * A pass for another name that belongs to this one: a version of the alias, or the alias that takes its place.
   * @param _reason why the permission reaches that far, for whoever reads the call
   */
  reaching(name: string, _reason: string): CollectionPass {
    return new CollectionPass(GRANTED, name);
  }
}

/** Real paths of folders, as they are when it is asked. */
export type Roots = () => Promise<readonly string[]>;

interface Limits {
  readonly collections?: ReadonlySet<string>;
  readonly roots?: Roots | undefined;
  readonly bypass?: string;
}

export class Access {
  readonly #collections: ReadonlySet<string> | undefined;
  /** The folders whose documents are seen, whatever else a collection holds; undefined: all documents are. */
  readonly roots: Roots | undefined;
  /** Why nothing is checked; undefined: it is. */
  readonly bypass: string | undefined;

  private constructor({ collections, roots, bypass }: Limits) {
    this.#collections = collections;
    this.roots = roots;
    this.bypass = bypass;
  }

  /** Access to these collections, and to paths below the configured roots. @param roots absent: all documents are seen */
  static to(collections: readonly string[], roots?: Roots): Access {
    return new Access({ collections: new Set(collections), roots });
  }

  /** Access to everything. @param reason who may do so, and why */
  static full(reason: string): Access {
    return new Access({ bypass: reason });
  }

  /** @throws AppError `not_found`, the same for a collection that is not allowed and for one that does not exist */
  collection(name: string): CollectionPass {
    if (!this.allows(name)) throw noCollection(name);
    return new CollectionPass(GRANTED, name);
  }

  /** Whether a list that this caller sees may name the collection. */
  allows(alias: string): boolean {
    return this.#collections?.has(alias) ?? true;
  }
}
