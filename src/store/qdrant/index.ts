/** The store for production and scale: a Qdrant, one or a cluster. Nothing is asked of it before the first call. */
import { throwIfAborted } from "../../core/errors.js";
import type { Fence } from "../../core/ledger.js";
import type { PassageIndex } from "../../core/passage-index.js";
import type { VectorStore } from "../../core/ports.js";
import type { ClientStatus } from "../../http/client.js";
import { checkText } from "../check-text.js";
import { isPointId } from "../shapes.js";
import { createVectorStore } from "../vector-store.js";
import { Book } from "./book.js";
import { Copies } from "./copies.js";
import { type CredentialOptions, Credentials } from "./credentials.js";
import { countIn, documentPage, documentsOf, fieldsIn, pointsOf } from "./documents.js";
import { Fences } from "./fences.js";
import type { ForeignOptions } from "./foreign.js";
import { KnownCollections } from "./known.js";
import { whatToBring } from "./layout.js";
import { ledgerIn } from "./ledger.js";
import { type ClusterOptions, Requests, UNUSED } from "./requests.js";
import { searchCollection } from "./search.js";
import { namingIn } from "./take-name.js";
import { Transport, type TransportOptions } from "./transport.js";
import { removeDocuments, writeDocuments } from "./write.js";

/** One way that works on all of them, instead of two that must agree. */
const API_USED = "1.11; nothing that came later (collection metadata 1.16, conditional writes 1.17)";

/** Another server's switch is seen so much later at most. */
const RECENT_MS = 1_000;

export interface QdrantOptions extends TransportOptions, CredentialOptions, ForeignOptions {
  readonly cluster: ClusterOptions;
  /** How long a lease lasts that is not renewed; default 60 s. */
  readonly leaseTermMs?: number;
  /** How long a lease is held on to while no node answers; default its term. */
  readonly outageMs?: number;
}

export interface QdrantStore extends VectorStore {
  /** Read at any time, without asking the server. */
  readonly guard: ClientStatus;
}

export function createQdrantStore(options: QdrantOptions): QdrantStore {
  const credentials = new Credentials(options);
  const transport = new Transport(options, credentials);
  const requests = new Requests(transport, options.cluster);
  const book = new Book(requests);
  const fences = new Fences(requests);
  const naming = namingIn(requests, book);
  const ledger = ledgerIn({ requests, book, fences }, naming);
  const collections = new KnownCollections({ requests, ledger, fences, foreign: options });
  const own = { origin: transport.status.nodes[0] as string, credentials };
  const copies = new Copies({ requests, ledger, fences, collections, own });
  const index = indexIn({ transport, requests, fences, collections, copies });
  const { leaseTermMs, outageMs } = options;
  const store = createVectorStore(index, ledger, { leaseTermMs, outageMs, recentMs: RECENT_MS });
  return {
    ...store,
    get guard() {
      return transport.status;
    },
  };
}

interface IndexParts {
  readonly transport: Transport;
  readonly requests: Requests;
  readonly fences: Fences;
  readonly collections: KnownCollections;
  readonly copies: Copies;
}

function indexIn({ transport, requests, fences, collections, copies }: IndexParts): PassageIndex {
  const writer = (fence: Fence | undefined) => ({ requests, collections, fences, fence });
  return {
    create: (call, collection, spec) => collections.create(call, collection, spec),
    async write(call, collection, documents, fence) {
      await writeDocuments(call, writer(fence), await collections.use(call, collection), documents);
    },
    async remove(call, collection, documents, fence) {
      await removeDocuments(call, writer(fence), await collections.use(call, collection), documents);
    },
    async read(call, collection, ids, options = {}) {
      checkText("id of a passage", ids);
      const { name, layout } = await collections.use(call, collection);
      const possible = ids.filter(isPointId).map(layout.toPointId);
      const points = await requests.read(call, name, possible, whatToBring(layout, options));
      const byId = new Map(points.map((point) => [String(point.id), layout.toStoredPoint(point)]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },
    async *scroll(call, collection, filter, options = {}) {
      yield* pointsOf(call, requests, await collections.use(call, collection), { ...options, filter });
    },
    async *documents(call, collection, source, scope) {
      const known = await collections.use(call, collection);
      const filter = source === undefined ? undefined : { source };
      const place = { requests, collection: known.name, indexes: known.indexes, scope };
      yield* documentsOf(call, requests, known, await known.layout.compileFilter(call, filter, place));
    },
    async documentPage(call, collection, asked) {
      return documentPage(call, requests, await collections.use(call, collection), asked);
    },
    async search(call, collection, legs, ask) {
      return searchCollection(call, requests, await collections.use(call, collection), { ...ask, legs });
    },
    async any(call, collection, filter, scope) {
      const { name, layout, indexes } = await collections.use(call, collection);
      const compiled = await layout.compileFilter(call, filter, { requests, collection: name, indexes, scope });
      return compiled !== undefined && (await requests.count(call, name, compiled)) > 0;
    },
    async fields(call, collection, scope) {
      return fieldsIn(call, requests, await collections.use(call, collection), scope);
    },
    async count(call, collection, scope, { exact = false } = {}) {
      return countIn(call, requests, await collections.use(call, collection), { scope, exact });
    },
    describe: (call, collection, counting) => collections.describe(call, collection, counting),
    drop: (call, collection, fence) => collections.drop(call, collection, fence),
    async fence(call, collection, fence, takeAway) {
      if (!takeAway) await collections.fence(call, collection, fence);
    },
    copyOut: (call, collection) => copies.out(call, collection),
    copyIn: (call, snapshot, collection, fence) => copies.in(call, snapshot, collection, fence),
    deleteCopy: (call, snapshot) => copies.delete(call, snapshot),
    async scrub(call) {
      throwIfAborted(call.signal);
      return false;
    },
    standsStill: () => false, // every request has a deadline
    async probe(call) {
      const version = await requests.version(call);
      // Asks for the key, which the greeting does not.
      await requests.send(call, { operation: "probe", method: "GET", path: "/aliases", ...UNUSED });
      const { nodes, size, active, waiting, breaker, healthy } = transport.status;
      return {
        kind: "qdrant",
        version,
        location: nodes.join(", "),
        pool: { size, active, waiting },
        breaker,
        nodes: { total: nodes.length, healthy },
        api: API_USED,
      };
    },
    close: () => transport.close(),
  };
}
