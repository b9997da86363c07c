/** Collections that a script made in a Qdrant, served as they are, re-embedded, and given their name back. */

import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { testTransport } from "../store/qdrant/test-store.js";
import { testCall } from "../support/call.js";
import { cleanUp, type Json, newFolder, PATIENCE_MS, REAL_MODEL, run, startServer } from "./server.js";

const QDRANT = process.env.QDRANT_TEST_URL?.split(",")[0];
const NAME = "runbook_docs";

if (QDRANT === undefined) {
  describe("a collection that a script made", () => {
    it.skip("is taken over (skipped: QDRANT_TEST_URL names no server)");
  });
} else takeOver(QDRANT);

function takeOver(qdrant: string): void {
  const settings = {
    ...REAL_MODEL,
    QDRANT_URL: qdrant,
    QDRANT_COLLECTION: NAME,
    RETRIEVAL_COLLECTIONS: `${NAME}_aura`,
  };
  const ask = async (method: string, path: string, body?: object): Promise<Json> => {
    const json = body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {};
    return ((await (await fetch(qdrant + path, { method, ...json })).json()) as Json).result;
  };
  const texts = [
    "Rotate the signing keys every ninety days.",
    "Ask your manager for leave two weeks ahead.",
    "Backups are copied to another continent each night.",
  ];

  /** As the runbook's scripts did: numbers for ids, one vector without a name, the text in the payload. */
  async function makeCollection(size: number, distance = "Cosine"): Promise<void> {
    await ask("PUT", `/collections/${NAME}`, { vectors: { size, distance } });
    const points = texts.map((text, i) => ({
      id: i + 1,
      vector: Array.from({ length: size }, (_, d) => (d === i ? 1 : 0.01)),
      payload: { text, page: i },
    }));
    await ask("PUT", `/collections/${NAME}/points?wait=true`, { points });
  }
  async function deleteAll(): Promise<void> {
    for (const { name } of (await ask("GET", "/collections")).collections) await ask("DELETE", `/collections/${name}`);
  }

  beforeEach(deleteAll);
  afterEach(deleteAll);
  afterAll(cleanUp);

  const index = async (...options: string[]): Promise<Json> => {
    const { code, stdout, stderr } = await run(
      ["index", `collection:${NAME}`, "--collection", NAME, "--json", ...options],
      newFolder(),
      settings,
    );
    expect(code, stderr).toBe(0);
    return { ...JSON.parse(stdout).job, stderr };
  };

  describe("a collection that a script made", () => {
    it(
      "is searched by its vectors when they have the model's dimension, and says what it lacks",
      async () => {
        await makeCollection(384);
        const server = await startServer(newFolder(), settings);
        const { results, degraded, collection } = await server.ask("retrieve", { query: "keys" });
        expect(results).toHaveLength(3);
        expect(collection).toMatchObject({ name: NAME });
        expect(degraded.map(({ reason }: Json) => reason).sort()).toEqual([
          "lexical_unavailable",
          "unverified_fingerprint",
        ]);
        const filtered = await server.ask("retrieve", { query: "keys", filter: { page: 1 } });
        expect(filtered.results.map(({ text }: Json) => text)).toEqual([texts[1]]);
        await server.end();
      },
      2 * PATIENCE_MS,
    );

    it.each([
      [8, "Cosine", /dimensions/],
      [384, "Dot", /compares vectors by Dot/],
    ] as const)(
      "of %i dimensions and %s is a mismatch that says how to go on",
      async (size, distance, why) => {
        await makeCollection(size, distance);
        const { code, stderr } = await run(["search", "keys"], newFolder(), settings);
        expect(code).toBe(1);
        expect(stderr).toMatch(why);
        expect(stderr).toContain(`index collection:${NAME}`);
      },
      2 * PATIENCE_MS,
    );

    it(
      "is re-embedded under another alias, which is named, and stays as it is",
      async () => {
        await makeCollection(8);
        const job = await index();
        expect(job).toMatchObject({ collection: `${NAME}_aura`, instead_of: NAME, points: 3 });
        expect(job.writes).toEqual({ handled: "caught_up", documents: 0 });
        expect((await ask("GET", `/collections/${NAME}`)).points_count).toBe(3);
        const found = await run(["search", "signing keys", "--collection", `${NAME}_aura`], newFolder(), settings);
        expect(found.stdout).toContain(texts[0]);
      },
      2 * PATIENCE_MS,
    );

    it(
      "gives its name to an alias with --take-name, is kept under another, and the gap is told",
      async () => {
        await makeCollection(8);
        const job = await index("--take-name");
        expect(job.stderr).toContain(`"${NAME}" (3 points) will be copied`);
        expect(job.collection).toBe(NAME);
        expect(job.name_taken.legacy).toMatch(new RegExp(`^${NAME}_legacy_`));
        expect(job.name_taken.gap_ms).toBeLessThan(5_000);
        const { aliases } = await ask("GET", "/aliases");
        expect(aliases).toContainEqual({ alias_name: NAME, collection_name: job.target });
        const legacy = await ask("POST", `/collections/${job.name_taken.legacy}/points`, {
          ids: [1, 2, 3],
          with_payload: true,
          with_vector: true,
        });
        expect(legacy.map(({ payload }: Json) => payload.text).sort()).toEqual([...texts].sort());
        expect(legacy[0].vector).toHaveLength(8);
        const found = await run(["search", "signing keys", "--json"], newFolder(), settings);
        const { results, degraded } = JSON.parse(found.stdout);
        expect(results[0].text).toBe(texts[0]);
        expect(degraded).toEqual([]);
      },
      2 * PATIENCE_MS,
    );

    it(
      "whose name was just free when its taker ended is served by whoever asks next",
      async () => {
        await makeCollection(8);
        const { target, name_taken } = await index("--take-name");
        // What an end between the deletion and the switch leaves: the record, and nothing of the name.
        await ask("POST", "/collections/aliases", { actions: [{ delete_alias: { alias_name: NAME } }] });
        await recordConversion(target, name_taken.legacy);
        const found = await run(["search", "signing keys"], newFolder(), settings);
        expect(found.stdout, found.stderr).toContain(texts[0]);
        const { aliases } = await ask("GET", "/aliases");
        expect(aliases).toContainEqual({ alias_name: NAME, collection_name: target });
      },
      2 * PATIENCE_MS,
    );
  });

  async function recordConversion(target: string, legacy: string): Promise<void> {
    const { Requests } = await import("#src/store/qdrant/requests.js");
    const { Book } = await import("#src/store/qdrant/book.js");
    const { CONVERSION } = await import("#src/store/qdrant/take-name.js");
    const transport = testTransport(qdrant);
    const book = new Book(new Requests(transport, { ordering: "medium" }));
    await book.put(testCall(), CONVERSION, { name: NAME, entry: { phase: "switching", target, legacy } });
    await transport.close();
  }
}
