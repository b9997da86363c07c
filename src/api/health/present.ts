/** The state of the server as clients get it. */
import type { App } from "../../app/app.js";
import { sanitizeLine } from "../../core/sanitize.js";
import { presentJob } from "../reindex/present.js";
import { snakeCase } from "../snake-case.js";
import { type Output, output } from "./schema.js";

export type Health = Awaited<ReturnType<App["health"]>>;

const MOST_JOBS = 10;
const MOST_SOURCES = 20;

export function present(health: Health, version: string, traceId: string): Output {
  const {
    state,
    embedder,
    embedderDegraded,
    reranker,
    expander,
    collections,
    jobs,
    heldRemovals,
    refusedRoots,
    ...rest
  } = health;
  const shown = {
    ...rest,
    status: state,
    refusedRoots: refusedRoots.length > 0 ? refusedRoots.map((root) => sanitizeLine(root, 500)) : undefined,
    version,
    embedder: { ...embedder, degraded: embedderDegraded },
    reranker: reranker ?? { state: "off" },
    expander: expander ?? { state: "off" },
    collections: collections.map(({ info, fingerprint, matches, sources }) => {
      const { name, alias, serving, state: built, points, documents, unsearchable, createdAt } = info;
      const known = { name, alias, serving, state: built, points, documents, unsearchable, createdAt };
      const shown = sources?.slice(0, MOST_SOURCES).map((source) => ({ ...source, name: sanitizeLine(source.name) }));
      return { ...known, fingerprint, matchesModel: matches, sources: shown, sourcesTotal: sources?.length };
    }),
    heldRemovals: heldRemovals.slice(0, MOST_SOURCES).map((held) => ({ ...held, source: sanitizeLine(held.source) })),
    uptimeS: Math.round(process.uptime()),
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
    traceId,
  };
  const { flags } = health;
  return output.parse({
    ...(snakeCase(shown) as object),
    jobs: jobs.slice(0, MOST_JOBS).map(presentJob),
    // Their names are the metric's labels.
    flags,
  });
}
