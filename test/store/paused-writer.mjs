/** Writes under a lease until it cannot: `node paused-writer.mjs <options of the store> <version>`. */
import { createHash } from "node:crypto";
import { Access } from "#src/core/access.js";
import { openCall } from "#src/core/call.js";
import { createQdrantStore } from "#src/store/qdrant/index.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";

const [options, version] = [JSON.parse(process.argv[2]), process.argv[3]];
const access = Access.full("a test");
const { call } = openCall({ principal: { id: "test" }, access });
const store = options.folder === undefined ? createQdrantStore(qdrant(options)) : createSqliteStore(options);

const lease = await store.lease(call, access.collection("docs"));
try {
  for (let i = 0; ; i++) {
    if (lease.lost.aborted) throw lease.lost.reason;
    await store.write(call, version, [document(`d${i}`)], lease.fence);
    console.log("wrote");
    await new Promise((soon) => setTimeout(soon, 10));
  }
} catch (error) {
  console.log(`${error.code}: ${error.message}`);
}
await store.close();

function qdrant({ url, leaseTermMs }) {
  const guard = {
    poolSize: 3,
    timeoutMs: 5_000,
    maxRetries: 0,
    retryDelayMs: 1,
    failureThreshold: 100,
    resetMs: 1_000,
  };
  return { urls: url, textField: "text", cluster: { ordering: "medium" }, leaseTermMs, ...guard };
}

function document(id) {
  const hex = createHash("sha256").update(id).digest("hex");
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const vector = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0);
  const text = `what ${id} says`;
  const point = { id: uuid, ordinal: 0, text, start: 0, end: text.length, headings: [], embedText: text, vector };
  return { source: "files", document: id, hash: "h", chunker: "c", metadata: {}, points: [point] };
}
