/** A store over an index and a ledger: every rule of names, versions, leases, snapshots and jobs, once for all backends. */
import { setTimeout } from "node:timers/promises";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Lease, Leases, Ledger } from "../core/ledger.js";
import type { Counts, PassageIndex } from "../core/passage-index.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo } from "../core/types.js";
import { Collections } from "./collections.js";
import { listJobs, recordJob } from "./jobs.js";
import { holdLease } from "./lease.js";
import { Recent } from "./recent.js";
import { listRecords } from "./records.js";
import { Snapshots } from "./snapshots.js";

export interface StoreOptions {
  /** How long what serves is believed where that is asked for; default: not at all. */
  readonly recentMs?: number | undefined;
  /** How long a lease lasts that is not renewed; default 60 s. */
  readonly leaseTermMs?: number | undefined;
  /** How long a lease is held on to while the store does not answer; default its term. */
  readonly outageMs?: number | undefined;
  /** How long `close` waits for leases to be given back; default: until they are. */
  readonly releaseWithinMs?: number | undefined;
}

export function createVectorStore(index: PassageIndex, ledger: Ledger, options: StoreOptions = {}): VectorStore {
  const collections = new Collections(index, ledger);
  const snapshots = new Snapshots(index, ledger, collections);
  const { naming } = ledger;
  const held = new Set<Lease>();
  const recent = new Recent<CollectionInfo | undefined>(options.recentMs ?? 0);
  const recentCounts = new Recent<Counts>(options.recentMs ?? 0);
  const changing = <T>(change: () => Promise<T>) => recent.during(() => recentCounts.during(change));
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
    create: (call, name, spec, fence) => changing(() => collections.create(call, name, spec, fence)),
    write: (call, name, documents, fence) => changing(async () => index.write(call, named(name), documents, fence)),
    remove: (call, name, documents, fence) => changing(async () => index.remove(call, named(name), documents, fence)),
    read: async (call, name, ids, reading) => index.read(call, named(name), ids, reading),
    async *scroll(call, name, filter, scrolling) {
      yield* index.scroll(call, named(name), filter, scrolling);
    },
    async *documents(call, name, source, scope) {
      yield* index.documents(call, named(name), source, scope);
    },
    documentPage: async (call, name, asked) => index.documentPage(call, named(name), asked),
    async search(call, name, legs, ask) {
      try {
        return await index.search(call, named(name), legs, ask);
      } catch (error) {
        recent.forget(); // it may be gone
        throw error;
      }
    },
    any: async (call, name, filter, scope) => index.any(call, named(name), filter, scope),
    fields: async (call, name, scope) => index.fields(call, named(name), scope),
    async count(call, name, scope, { lately = false, ...counting } = {}) {
      const count = () => index.count(call, named(name), scope, counting);
      throwIfAborted(call.signal);
      return lately ? recentCounts.ask(JSON.stringify([name, scope]), count) : count();
    },

    keepSources: (call, name, sources, fence) => changing(() => collections.keepSources(call, name, sources, fence)),
    async describe(call, { name }, { lately = false, ...counting } = {}) {
      const describe = () => collections.describe(call, name, counting);
      throwIfAborted(call.signal);
      return lately ? recent.ask(name, describe) : describe();
    },
    versions: (call, { name }) => collections.list(call, name),
    list: (call) => collections.list(call),
    publish: (call, { name: alias }, name, terms = {}) => changing(() => collections.serve(call, alias, name, terms)),
    repoint: (call, { name: alias }, name, terms = {}) =>
      changing(() => collections.serve(call, alias, name, { ...terms, complete: true })),
    ...(naming && {
      takeName: (call, { name: alias }, name, catchUp) =>
        changing(() => collections.takeName(call, naming, { alias, name, catchUp })),
    }),
    drop: (call, name, dropping) => changing(() => collections.drop(call, name, dropping)),
    async scrub(call, name) {
      throwIfAborted(call.signal);
      if (name !== undefined) await collections.use(call, name);
      return index.scrub(call, name);
    },

    async lease(call, { name }, { takeAway } = {}) {
      const alias = collections.alias(name);
      const released = (ended: Lease) => held.delete(ended);
      const leases = { ...ledger.leases, win, standsStill: () => index.standsStill() };
      const { leaseTermMs: termMs, outageMs } = options;
      const terms = { takeAway, termMs, outageMs, released };
      const lease = await changing(() => holdLease(call, leases, alias, terms));
      held.add(lease);
      return lease;
    },
    snapshot: (call, name) => snapshots.take(call, name),
    snapshots: (call) => snapshots.list(call),
    restore: (call, snapshot, name, restoring = {}) =>
      changing(() => snapshots.restore(call, snapshot, name, restoring)),
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
