/** The server's capabilities, and for how long its lists may be kept. */
import type { ServerOptions } from "@modelcontextprotocol/server";

/** The lists stand when the process starts: nothing is ever sent about a change, and left out it would be promised. */
const FIXED = { listChanged: false };

/**
 * Lists change with the program or its settings only, and are the same for every user. A restarted server is seen as
 * it is after five minutes at the latest. Documents change at any time: reading one keeps the library's hint, 0 ms.
 */
const LISTS = { ttlMs: 300_000, cacheScope: "public" } as const;

export const SERVER_OPTIONS: ServerOptions = {
  capabilities: { tools: FIXED, resources: FIXED, completions: {} },
  cacheHints: {
    "server/discover": LISTS,
    "tools/list": LISTS,
    "resources/list": LISTS,
    "resources/templates/list": LISTS,
  },
};
