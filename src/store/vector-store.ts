/** A store over an index and a ledger: every rule of names, versions, leases, snapshots and jobs, once for all backends. */
import { setTimeout } from "node:timers/promises";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Lease, Leases, Ledger } from "../core/ledger.js";
import type { PassageIndex } from "../core/passage-index.js";
import type { VectorStore } from "../core/ports.js";
import { Collections } from "./collections.js";
import { listJobs, recordJob } from "./jobs.js";
import { holdLease } from "./lease.js";
import { listRecords } from "./records.js";
import { Snapshots } from "./snapshots.js";

export interface LeaseOptions {
  /** How long a lease lasts that is not renewed; default 60 s. */
  readonly leaseTermMs?: number | undefined;
  /** How long `close` waits for leases to be given back; default: until they are. */
  readonly releaseWithinMs?: number | undefined;
}

export function createVectorStore(index: PassageIndex, ledger: Ledger, options: LeaseOptions = {}): VectorStore {
  const collections = new Collections(index, ledger);
  const snapshots = new Snapshots(index, ledger, collections);
  const { naming } = ledger;
  const held = new Set<Lease>();
  const named = (name: string) => collections.named(name);

  /** Whoever wrote before writes no more, into any version. */
  async function win(call: Call, claim: Parameters<Leases["win"]>[1], takeAway: boolean): Promise<number> {
    const { alias } = claim;
    const fence = { alias, token: await ledger.leases.win(call, claim, takeAway) };
    for (const [name, { spec, state }] of await listRecords(call, ledger, "collection")) {
      if (spec.alias === alias && state !== "dropping") await index.fence(call, name, fence, takeAway);
    }
    if (!takeAway) {
      await collections.clearAway(call, alias, fence);
      await snapshots.clearAway(call, alias);
    }
    return fence.token;
  }

  return {
    records: ledger,
    create: (call, name, spec, fence) => collections.create(call, name, spec, fence),
    write: async (call, name, documents, fence) => index.write(call, named(name), documents, fence),
    remove: async (call, name, documents, fence) => index.remove(call, named(name), documents, fence),
    read: async (call, name, ids, reading) => index.read(call, named(name), ids, reading),
    async *scroll(call, name, filter, scrolling) {
      yield* index.scroll(call, named(name), filter, scrolling);
    },
    async *documents(call, name, source, scope) {
      yield* index.documents(call, named(name), source, scope);
    },
    documentPage: async (call, name, asked) => index.documentPage(call, named(name), asked),
    search: async (call, name, legs, ask) => index.search(call, named(name), legs, ask),
    any: async (call, name, filter, scope) => index.any(call, named(name), filter, scope),
    fields: async (call, name, scope) => index.fields(call, named(name), scope),
    count: async (call, name, scope) => index.count(call, named(name), scope),

    keepSources: (call, name, sources, fence) => collections.keepSources(call, name, sources, fence),
    describe: (call, { name }) => collections.describe(call, name),
    versions: (call, { name }) => collections.list(call, name),
    list: (call) => collections.list(call),
    publish: (call, { name: alias }, name, terms = {}) => collections.serve(call, alias, name, terms),
    repoint: (call, { name: alias }, name, terms = {}) =>
      collections.serve(call, alias, name, { ...terms, complete: true }),
    ...(naming && {
      takeName: (call, { name: alias }, name, catchUp) => collections.takeName(call, naming, { alias, name, catchUp }),
    }),
    drop: (call, name, dropping) => collections.drop(call, name, dropping),
    async scrub(call, name) {
      throwIfAborted(call.signal);
      if (name !== undefined) await collections.use(call, name);
      return index.scrub(call, name);
    },

    async lease(call, { name }, { takeAway } = {}) {
      const alias = collections.alias(name);
      const released = (ended: Lease) => held.delete(ended);
      const leases = { ...ledger.leases, win, standsStill: () => index.standsStill() };
      const lease = await holdLease(call, leases, alias, { takeAway, termMs: options.leaseTermMs, released });
      held.add(lease);
      return lease;
    },
    snapshot: (call, name) => snapshots.take(call, name),
    snapshots: (call) => snapshots.list(call),
    restore: (call, snapshot, name, restoring = {}) => snapshots.restore(call, snapshot, name, restoring),
    deleteSnapshot: (call, snapshot) => snapshots.delete(call, snapshot),
    recordJob: (call, job) => recordJob(call, ledger, job),
    jobs: (call, limit, isWanted = () => true) => listJobs(call, ledger, limit, isWanted),

    probe: (call) => index.probe(call),
    async close() {
      const released = Promise.allSettled([...held].map((lease) => lease.release()));
      const { releaseWithinMs } = options;
      const late = releaseWithinMs === undefined ? [] : [setTimeout(releaseWithinMs, undefined, { ref: false })];
      await Promise.race([released, ...late]);
      await index.close();
    },
  };
}
