/** A client of a server in this process, over an app that is made by hand. */
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { onTestFinished } from "vitest";
import type { App } from "#src/app/app.js";
import { Access } from "#src/core/access.js";
import { AppError } from "#src/core/errors.js";
import { noDocument } from "#src/core/not-found.js";
import type { DocumentRecord, StoredPoint } from "#src/core/types.js";
import { PendingRequests } from "#src/server/pending-requests.js";
import { createServer } from "#src/server/server.js";

const BOOT = { version: "1", isReadOnly: false, queryMaxChars: 2_000, profileChoice: false };

/** @param open as the server's own: called once a request needs the app */
export async function connect(open: () => Promise<App>): Promise<Client> {
  const requests = new PendingRequests({ boot: BOOT, open });
  const server = createServer(BOOT, requests);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "test", version: "1" });
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  onTestFinished(() => client.close());
  return client;
}

/** Collections of documents in memory. */
export class FakeApp {
  readonly recorded: Parameters<App["record"]>[0][] = [];
  /** Collections that are there: document → text. */
  readonly collections: Record<string, Record<string, string>> = {};
  /** Those that tools may name. */
  allowed: readonly string[] = ["docs"];
  /** Milliseconds that the rate limit asks to wait. */
  limit = 0;

  readonly open = async (): Promise<App> => {
    const { collections, recorded, allowed } = this;
    const record = (document: string): DocumentRecord => {
      return { source: "files", document, hash: "0", chunker: "1", metadata: {} };
    };
    const from = { id: "files", name: "files", kind: "folder", location: "files" } as const;
    const app: Pick<App, "live" | "access" | "admit" | "record" | "sources" | "listDocuments" | "readDocument"> = {
      live: { callTimeoutMs: 5_000, passagesIn: "auto", collection: "docs", collections: allowed } as App["live"],
      access: () => Access.to(allowed),
      admit: () => {
        if (this.limit === 0) return;
        throw new AppError("rate_limited", "Too many calls.", { remedy: "Wait.", retryAfterMs: this.limit });
      },
      record: (call) => void recorded.push(call),
      sources: async (_call, { name }) => (collections[name] === undefined ? [] : [from]),
      async listDocuments(_call, { name }, { prefix = "", limit }) {
        const found = Object.keys(collections[name] ?? {}).filter((document) => document.startsWith(prefix));
        const documents = found.slice(0, limit).map((document) => ({ from, document }));
        return {
          collection: name,
          documents,
          total: found.length,
          cursorFrom: (index) => (found.length > index ? "more" : undefined),
        };
      },
      async readDocument(_call, { name }, asked) {
        const document = (asked.name?.document ?? "").replace(/^files\//, "");
        const text = collections[name]?.[document];
        if (text === undefined) throw noDocument(name);
        const first = { record: record(document) } as StoredPoint;
        const lines = { first: 1, last: text.split("\n").length };
        return { collection: name, record: first.record, from, first, text, lines, isCut: false };
      },
    };
    return app as App;
  };
}
