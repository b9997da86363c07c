/** Boot configuration → what is dear and shared: the store, the parser, and models by choice. */
import { pathToFileURL } from "node:url";
import type { BootConfig } from "../config/boot.js";
import type { LiveConfig } from "../config/load.js";
import type { Roots } from "../core/access.js";
import type { Call } from "../core/call.js";
import { once } from "../core/once.js";
import type { OpenSource, VectorStore } from "../core/ports.js";
import { wayDown } from "../core/sources.js";
import type { Stale } from "../core/types.js";
import type { Catalog } from "../models/catalog.js";
import { ModelFiles } from "../models/model-files.js";
import { ParserProcess } from "../source/parser-process.js";
import { RealRoot } from "../source/real-roots.js";
import type { IndexedFile } from "../source/staleness.js";
import type { Logger } from "../telemetry/log.js";
import type { Metrics } from "../telemetry/metrics.js";
import { Session } from "./session.js";
import { SharedParts } from "./shared-parts.js";
import { createStore } from "./store.js";

export interface Engine {
  readonly store: VectorStore;
  /** Parts for one state of the configuration; they are closed with the last session that used them. */
  session(models: Catalog): Session;
  /** The folders whose documents tools answer from; undefined: from all that is there. */
  scope(live: Pick<LiveConfig, "roots" | "refusedRoots" | "scope">): Roots | undefined;
  /** Where a configured folder lies now, or lay last while its share does not answer. Never rejects. */
  realPath(root: string): Promise<string>;
  /** @param ownFiles the server's, wherever they lie: no documents */
  openSource(live: Pick<LiveConfig, "roots" | "refusedRoots">, ownFiles: readonly string[]): OpenSource;
  /** Whether what a collection says of a file may be compared with it for this caller. @param roots as configured */
  mayLookAt(call: Call, roots: readonly string[], path: string): Promise<boolean>;
  /** What became of a document's file since it was indexed; undefined: nothing, or nobody can tell. Never rejects. */
  stale(call: Call, file: IndexedFile): Promise<Stale | undefined>;
  /** Whether there is nothing any more where a source lay. */
  isGone(location: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Nothing is opened here before it is used. */
export function createEngine(boot: BootConfig, metrics: Metrics, log: Logger): Engine {
  const store = createStore(boot.store, metrics, log);
  const parts = new SharedParts();
  const files = new ModelFiles(boot);
  const parser = new ParserProcess();
  const realRoots = new Map<string, RealRoot>();
  const realPath = (written: string) => {
    const root = realRoots.get(written) ?? new RealRoot(written);
    realRoots.set(written, root);
    return root.path();
  };
  const staleness = once(async () => new (await import("../source/staleness.js")).Staleness());
  return {
    store,
    realPath,
    session: (models) => new Session({ boot, metrics, store, parts, files, models }),
    scope({ roots, refusedRoots, scope }) {
      // Roots that were meant and are none allow nothing; a Qdrant is shared on purpose.
      const isNarrow = roots.length + refusedRoots.length > 0 && boot.store.kind === "sqlite";
      if ((scope ?? (isNarrow ? "roots" : "all")) === "all") return undefined;
      return () => Promise.all(roots.map(realPath));
    },
    openSource:
      ({ roots, refusedRoots }, ownFiles) =>
      async (call, location) => {
        const { createOpenSource } = await import("../source/index.js");
        return createOpenSource({ roots, refusedRoots, dataFolder: boot.dataFolder, ownFiles, parser })(call, location);
      },
    async mayLookAt({ access }, roots, path) {
      // Of one's own store every path was indexed here; what a Qdrant says of paths, others may have written.
      if (boot.store.kind === "sqlite" || access.bypass !== undefined || access.roots !== undefined) return true;
      const places = await Promise.all(roots.map(realPath));
      const place = pathToFileURL(path).href;
      return places.some((root) => wayDown(pathToFileURL(root).href, place) !== undefined);
    },
    stale: async (call, file) => (await staleness()).of(call, file),
    isGone: async (location) => (await import("../source/index.js")).isGone(location),
    async close() {
      await Promise.allSettled([parts.close(), store.close(), parser.close()]);
    },
  };
}
